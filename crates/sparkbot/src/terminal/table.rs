//! Columns.

/// Rows under a heading, columns as wide as their widest cell.
pub(crate) fn table(heading: &[&str], rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = heading.iter().map(|cell| cell.chars().count()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let render = |cells: &mut dyn Iterator<Item = &str>| {
        let mut line = String::new();
        for (width, cell) in widths.iter().zip(cells) {
            line.push_str(cell);
            line.extend(std::iter::repeat_n(' ', width + 2 - cell.chars().count().min(*width)));
        }
        line.trim_end().to_owned()
    };
    let mut lines = vec![render(&mut heading.iter().copied())];
    lines.extend(rows.iter().map(|row| render(&mut row.iter().map(String::as_str))));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    #[test]
    fn columns_line_up() {
        let rows = [
            vec!["1".to_owned(), "Ünal".to_owned(), "x".to_owned()],
            vec!["22".to_owned(), "B".to_owned(), "y".to_owned()],
        ];
        assert_eq!(super::table(&["ID", "NAME", "S"], &rows), "ID  NAME  S\n1   Ünal  x\n22  B     y");
    }
}

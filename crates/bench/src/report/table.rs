//! A table, written for a terminal or as Markdown.

/// Columns of text.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) title: String,
    pub(crate) head: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
    /// Sentences below it.
    pub(crate) notes: Vec<String>,
}

impl Table {
    pub(crate) fn new(title: impl Into<String>, head: &[&str], rows: Vec<Vec<String>>) -> Self {
        let head = head.iter().map(|&cell| cell.to_owned()).collect();
        Self { title: title.into(), head, rows, notes: Vec::new() }
    }

    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Columns as wide as they must be, the first to the left, the others to the right.
    pub(crate) fn terminal(&self) -> String {
        let width = |column: usize| {
            let cells = std::iter::once(&self.head).chain(&self.rows).filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let mut text = format!("\n{}\n", self.title);
        for row in std::iter::once(&self.head).chain(&self.rows).filter(|_| !self.rows.is_empty()) {
            let mut line = String::new();
            for (column, cell) in row.iter().enumerate() {
                let width = width(column);
                line += &if column == 0 { format!("  {cell:<width$}") } else { format!("  {cell:>width$}") };
            }
            text += line.trim_end();
            text.push('\n');
        }
        for note in &self.notes {
            text += &format!("  {note}\n");
        }
        text
    }

    /// As Markdown has it; the title as a line before it.
    pub(crate) fn markdown(&self) -> String {
        let mut text = format!("{}:\n", self.title);
        if !self.rows.is_empty() {
            text += &format!("\n{}\n|{}\n", line(&self.head), "---|".repeat(self.head.len()));
            for row in &self.rows {
                text += &line(row);
                text.push('\n');
            }
        }
        for note in &self.notes {
            text += &format!("\n{note}\n");
        }
        text
    }
}

fn line(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    format!("| {} |", cells.join(" | ")).replace("|  |", "| |")
}

#[cfg(test)]
mod tests {
    use super::Table;

    fn table() -> Table {
        let rows = vec![vec!["one".to_owned(), "1.5".to_owned()], vec!["eleven".to_owned(), "10.0".to_owned()]];
        Table::new("Things", &["", "ms"], rows).note("Measured.")
    }

    #[test]
    fn figures_stand_below_one_another_on_a_terminal() {
        assert_eq!(table().terminal(), "\nThings\n            ms\n  one      1.5\n  eleven  10.0\n  Measured.\n");
    }

    #[test]
    fn markdown_has_a_head() {
        let expected = "Things:\n\n| | ms |\n|---|---|\n| one | 1.5 |\n| eleven | 10.0 |\n\nMeasured.\n";
        assert_eq!(table().markdown(), expected);
    }
}

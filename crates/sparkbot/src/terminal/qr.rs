//! A QR as text: two modules a character, by half blocks.

use qrcode::{Color, EcLevel, QrCode};

use crate::failure::{Failure, Result};

/// White around the code; scanners need it.
const QUIET: usize = 2;

/// The QR of `data`, drawn light on the terminal's dark ground, which phones
/// read either way.
///
/// # Errors
/// When `data` is more than a QR takes.
pub(crate) fn qr(data: &str) -> Result<String> {
    // The lowest correction level: a screen is clean, and a smaller code fits more terminals.
    let code = QrCode::with_error_correction_level(data, EcLevel::L)
        .map_err(|error| Failure::new(format!("this can't be shown as a QR: {error}")))?;
    let width = code.width();
    let side = width + 2 * QUIET;
    let light = |x: usize, y: usize| {
        let inside = (QUIET..QUIET + width).contains(&x) && (QUIET..QUIET + width).contains(&y);
        !inside || code[(x - QUIET, y - QUIET)] == Color::Light
    };
    let mut lines = Vec::with_capacity(side.div_ceil(2));
    for y in (0..side).step_by(2) {
        let line: String = (0..side)
            .map(|x| match (light(x, y), y + 1 < side && light(x, y + 1)) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            })
            .collect();
        lines.push(line);
    }
    Ok(lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use qrcode::{Color, EcLevel, QrCode};

    #[test]
    fn the_text_says_what_the_code_says() {
        let data = "2@abc,def,ghi,jkl,1";
        let text = super::qr(data).unwrap();
        let code = QrCode::with_error_correction_level(data, EcLevel::L).unwrap();
        let rows: Vec<Vec<char>> = text.lines().map(|line| line.chars().collect()).collect();
        for y in 0..code.width() {
            for x in 0..code.width() {
                let (column, row) = (x + super::QUIET, y + super::QUIET);
                let cell = rows[row / 2][column];
                let light = if row % 2 == 0 { matches!(cell, '█' | '▀') } else { matches!(cell, '█' | '▄') };
                assert_eq!(light, code[(x, y)] == Color::Light, "{x},{y}");
            }
        }
        assert!(rows[0].iter().all(|c| *c == '█'), "quiet zone");
    }

    #[test]
    fn too_much_is_refused() {
        assert!(super::qr(&"x".repeat(4000)).is_err());
    }
}

//! Draws QRs.

use qrcode::render::svg;
use qrcode::{Color, EcLevel, QrCode};

/// Pixels a module.
const SCALE: usize = 8;
/// Modules of white around it, as the standard wants.
const QUIET: usize = 4;

fn code(data: &str) -> Result<QrCode, String> {
    QrCode::with_error_correction_level(data, EcLevel::L).map_err(|error| format!("the QR can't be drawn: {error}"))
}

/// An SVG, black on white whatever stands behind it.
pub(super) fn svg(data: &str) -> Result<String, String> {
    Ok(code(data)?.render::<svg::Color<'_>>().min_dimensions(256, 256).quiet_zone(true).build())
}

/// A PNG of one bit a pixel.
pub(super) fn png(data: &str) -> Result<Vec<u8>, String> {
    let code = code(data)?;
    let side = (code.width() + 2 * QUIET) * SCALE;
    let row_bytes = side.div_ceil(8);
    let mut pixels = vec![0xff_u8; row_bytes * side];
    for y in 0..side {
        for x in 0..side {
            let (column, row) = (x / SCALE, y / SCALE);
            let inside = |at: usize| (QUIET..QUIET + code.width()).contains(&at);
            if inside(column) && inside(row) && code[(column - QUIET, row - QUIET)] == Color::Dark {
                pixels[y * row_bytes + x / 8] &= !(0x80 >> (x % 8));
            }
        }
    }
    let mut file = Vec::new();
    let failed = |error: png::EncodingError| format!("the QR can't be written: {error}");
    let side = u32::try_from(side).map_err(|_| "the QR is too large".to_owned())?;
    let mut encoder = png::Encoder::new(&mut file, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    let mut writer = encoder.write_header().map_err(failed)?;
    writer.write_image_data(&pixels).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(file)
}

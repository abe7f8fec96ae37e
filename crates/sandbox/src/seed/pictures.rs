//! Pictures, drawn by sums: nothing of them comes from anywhere else.

use jpeg_encoder::{ColorType, Encoder};

/// The side of a portrait, in pixels.
const SIDE: u16 = 320;
/// How good the pictures are, of 100.
const QUALITY: u8 = 82;

/// What is on a portrait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Rings,
    Gears,
    Waves,
    Hills,
}

/// A square picture of a shape on a ground of one colour, as JPEG.
pub(super) fn portrait(colour: [u8; 3], shape: Shape) -> Vec<u8> {
    draw(SIDE, SIDE, |x, y| {
        let light = 0.75 + 0.35 * (1.0 - y);
        let (dx, dy) = (x - 0.5, y - 0.5);
        let (distance, angle) = (dx.hypot(dy), dy.atan2(dx));
        let inside = match shape {
            Shape::Rings => (0.14..0.2).contains(&distance) || (0.29..0.33).contains(&distance),
            Shape::Gears => (0.12..0.27 + 0.03 * (angle * 9.0).sin().signum()).contains(&distance),
            Shape::Waves => (y * 9.0 + (x * 9.0).sin() * 0.8).fract() < 0.42 && distance < 0.36,
            Shape::Hills => y > 0.62 + 0.1 * (x * 7.0).sin() || (dx + 0.12).hypot(dy + 0.16) < 0.09,
        };
        colour.map(|part| {
            let ground = f64::from(part) * light;
            if inside { ground * 0.25 + 255.0 * 0.75 } else { ground }
        })
    })
}

/// A bicycle of a colour in front of a wall, as JPEG with its width and height;
/// `part` 2 is half as large.
pub(super) fn bicycle(colour: [u8; 3], part: u16) -> (Vec<u8>, u16, u16) {
    let (width, height) = (960 / part, 640 / part);
    // Where the parts are: hubs, pedals, saddle and handlebars.
    let (back, front, pedals) = ((0.30, 0.66), (0.71, 0.66), (0.46, 0.66));
    let (saddle, bars) = ((0.40, 0.34), (0.63, 0.30));
    let tubes = [
        (back, pedals),
        (back, (0.42, 0.42)),
        (pedals, saddle),
        ((0.42, 0.42), (0.635, 0.38)),
        (pedals, (0.645, 0.42)),
        (front, bars),
    ];
    let far = 1.5_f64;
    let picture = draw(width, height, |x, y| {
        let away = |(px, py): (f64, f64)| ((x - px) * far).hypot(y - py);
        let wheel = |hub| (0.205..0.225).contains(&away(hub)) || away(hub) < 0.018;
        let spoke = |(px, py): (f64, f64)| {
            away((px, py)) < 0.205 && ((y - py).atan2((x - px) * far) * 8.0 / std::f64::consts::PI).fract().abs() < 0.07
        };
        let tube =
            tubes.iter().any(|(from, to)| near((x * far, y), (from.0 * far, from.1), (to.0 * far, to.1)) < 0.014);
        let seat = ((x - saddle.0) / 0.05).abs() < 1.0 && (y - saddle.1).abs() < 0.013;
        let bar = ((x - bars.0 - 0.01) / 0.035).abs() < 1.0 && (y - bars.1).abs() < 0.01;
        if wheel(back) || wheel(front) || seat || bar {
            return [34.0, 34.0, 38.0];
        }
        if tube {
            return colour.map(|part| f64::from(part) * (0.8 + 0.5 * (1.0 - y)));
        }
        if spoke(back) || spoke(front) {
            return [150.0; 3];
        }
        if y > 0.87 {
            let shade = 150.0 - 60.0 * (y - 0.87) / 0.13;
            return [shade, shade * 0.97, shade * 0.93];
        }
        // A brick wall.
        let row = (y * 22.0).floor();
        let joint = (y * 22.0).fract() < 0.09 || (x * 16.0 + if row % 2.0 == 0.0 { 0.0 } else { 0.5 }).fract() < 0.05;
        if joint { [205.0, 198.0, 188.0] } else { [186.0 - row * 1.5, 128.0 - row, 104.0 - row] }
    });
    (picture, width, height)
}

/// How far a point is from a line between two others.
fn near((x, y): (f64, f64), (ax, ay): (f64, f64), (bx, by): (f64, f64)) -> f64 {
    let (dx, dy) = (bx - ax, by - ay);
    let along = (((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)).clamp(0.0, 1.0);
    (x - ax - along * dx).hypot(y - ay - along * dy)
}

/// A picture whose pixels are told by where they are, both from 0 to 1.
fn draw(width: u16, height: u16, colour: impl Fn(f64, f64) -> [f64; 3]) -> Vec<u8> {
    let mut pixels = Vec::with_capacity(usize::from(width) * usize::from(height) * 3);
    for y in 0..height {
        for x in 0..width {
            let pixel = colour(f64::from(x) / f64::from(width), f64::from(y) / f64::from(height));
            pixels.extend(pixel.map(|part| part.clamp(0.0, 255.0) as u8));
        }
    }
    let mut jpeg = Vec::new();
    // Only a size of nothing or of more pixels than there are would be refused.
    let drawn = Encoder::new(&mut jpeg, QUALITY).encode(&pixels, width, height, ColorType::Rgb);
    debug_assert!(drawn.is_ok());
    jpeg
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_portrait_is_a_jpeg_and_each_shape_another() {
        let all = [Shape::Rings, Shape::Gears, Shape::Waves, Shape::Hills].map(|shape| portrait([11, 122, 99], shape));
        for picture in &all {
            assert!(picture.starts_with(&[0xff, 0xd8]) && picture.ends_with(&[0xff, 0xd9]), "{}", picture.len());
        }
        assert!(all.windows(2).all(|pair| pair[0] != pair[1]));
    }
}

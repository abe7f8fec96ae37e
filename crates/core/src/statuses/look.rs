//! How the text of a status update looks: WhatsApp's own colours and fonts, by
//! the API's names.

use crate::network::status::StatusLook;

/// Names of colours, with what WhatsApp's apps offer under them, `0xAARRGGBB`.
const PALETTE: &[(&str, u32)] = &[
    ("red_purple", 0xff8b_6990),
    ("moss_green", 0xff90_a841),
    ("dark_khaki", 0xffc1_a03f),
    ("wine_red", 0xff79_2138),
    ("light_taupe", 0xffae_8774),
    ("goldenrod", 0xfff0_b330),
    ("olive_green", 0xffb6_b327),
    ("light_plum", 0xffc6_9fcc),
    ("dark_purple", 0xff6e_257e),
    ("light_coral", 0xffff_8a8c),
    ("medium_sea_green", 0xff54_c265),
    ("salmon", 0xffff_7b6c),
    ("sky_blue", 0xff26_c4dc),
    ("light_sky_blue", 0xff57_c9ff),
    ("dark_taupe", 0xff74_676a),
    ("slate_gray", 0xff7e_90a3),
    ("dodger_blue", 0xff57_96ff),
    ("dark_magenta", 0xffa6_2c71),
    ("seafoam_green", 0xff7a_cba5),
    ("charcoal", 0xff24_3640),
    ("periwinkle", 0xff82_94ca),
];

/// Names of fonts, with WhatsApp's numbers.
const TYPES: &[(&str, i32)] = &[("helvetica", 0), ("serif", 1), ("norican", 2)];

/// Colours by name.
pub const COLORS: &[&str] = &[
    "red_purple",
    "moss_green",
    "dark_khaki",
    "wine_red",
    "light_taupe",
    "goldenrod",
    "olive_green",
    "light_plum",
    "dark_purple",
    "light_coral",
    "medium_sea_green",
    "salmon",
    "sky_blue",
    "light_sky_blue",
    "dark_taupe",
    "slate_gray",
    "dodger_blue",
    "dark_magenta",
    "seafoam_green",
    "charcoal",
    "periwinkle",
];
/// Fonts by name.
pub const FONTS: &[&str] = &["helvetica", "serif", "norican"];
/// The colour of a text for which none is named.
pub const COLOR: &str = "sky_blue";
/// The font of a text for which none is named.
pub const FONT: &str = "helvetica";

/// What names mean; `None` for a name that is none.
pub(crate) fn look(color: &str, font: &str) -> Option<StatusLook> {
    let background = PALETTE.iter().find(|(name, _)| *name == color)?.1;
    let font = TYPES.iter().find(|(name, _)| *name == font)?.1;
    Some(StatusLook { background, font })
}

/// The name of a colour; one that has none is written as `#rrggbb`.
pub(crate) fn color_name(background: u32) -> String {
    let named = PALETTE.iter().find(|(_, value)| (value ^ background) & 0x00ff_ffff == 0);
    named.map_or_else(|| format!("#{:06x}", background & 0x00ff_ffff), |(name, _)| (*name).to_owned())
}

/// The name of a font; one that has none is written as its number.
pub(crate) fn font_name(font: i32) -> String {
    let named = TYPES.iter().find(|(_, value)| *value == font);
    named.map_or_else(|| font.to_string(), |(name, _)| (*name).to_owned())
}

#[cfg(test)]
mod tests {
    use super::{COLORS, FONTS, PALETTE, TYPES, color_name, font_name, look};

    #[test]
    fn names_and_values_belong_together() {
        assert_eq!(PALETTE.iter().map(|(name, _)| *name).collect::<Vec<_>>(), COLORS);
        assert_eq!(TYPES.iter().map(|(name, _)| *name).collect::<Vec<_>>(), FONTS);
        let mut values: Vec<u32> = PALETTE.iter().map(|(_, value)| *value).collect();
        values.sort_unstable();
        values.dedup();
        assert_eq!(values.len(), COLORS.len(), "no colour has two names");
        for color in COLORS {
            for font in FONTS {
                let look = look(color, font).expect("a look");
                assert_eq!((color_name(look.background).as_str(), font_name(look.font).as_str()), (*color, *font));
            }
        }
        assert_eq!(look("mauve", "serif"), None);
        assert_eq!((color_name(0xff01_0203).as_str(), font_name(6).as_str()), ("#010203", "6"));
    }
}

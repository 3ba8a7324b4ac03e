//! Pictures that are drawn when they are sent: a row of the outbox holds the drawing (SVG, a few kilobytes), and the photo (PNG) is made of it
//! just before the call. The letters are our own (`assets/`): a machine without fonts draws Kazakh ones too.

use std::sync::{Arc, OnceLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};
use serde_json::{Value, json};

/// Pixels for each unit of the drawing: sharp on a telephone, and small enough that Telegram does not shrink it.
const SCALE: f32 = 1.75;
/// What the letters are called in drawings.
const FAMILY: &str = "DejaVu Sans";

/// What a call's `photo` is while it waits.
pub fn drawn(svg: &str) -> Value {
    json!({ "svg": svg })
}

/// The drawing of a call that sends one.
pub fn drawing(params: &Value) -> Option<&str> {
    params.get("photo")?.get("svg")?.as_str()
}

fn letters() -> Arc<fontdb::Database> {
    static LETTERS: OnceLock<Arc<fontdb::Database>> = OnceLock::new();
    let read = || {
        let mut letters = fontdb::Database::new();
        letters.load_font_data(crm::letters::REGULAR.to_vec());
        letters.load_font_data(crm::letters::BOLD.to_vec());
        letters.set_sans_serif_family(FAMILY);
        Arc::new(letters)
    };
    LETTERS.get_or_init(read).clone()
}

/// Makes a PNG of a drawing.
pub fn png(svg: &str) -> Result<Vec<u8>, String> {
    let options = Options { fontdb: letters(), font_family: FAMILY.to_owned(), ..Options::default() };
    let tree = Tree::from_str(svg, &options).map_err(|e| format!("the picture cannot be drawn: {e}"))?;
    let size = tree.size().to_int_size();
    let size = size.scale_by(SCALE).ok_or("the picture has no size")?;
    let mut pixels = Pixmap::new(size.width(), size.height()).ok_or("the picture is too large")?;
    resvg::render(&tree, Transform::from_scale(SCALE, SCALE), &mut pixels.as_mut());
    pixels.encode_png().map_err(|e| format!("the picture cannot be written: {e}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dark(svg: &str) -> usize {
        let picture = Pixmap::decode_png(&png(svg).expect("drawn")).expect("a PNG");
        picture.pixels().iter().filter(|p| p.alpha() > 128).count()
    }

    fn letter(c: char) -> String {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"40\" height=\"40\"><text x=\"5\" y=\"30\" font-family=\"DejaVu Sans, sans-serif\" font-size=\"30\">{c}</text></svg>"
        )
    }

    #[test]
    fn every_letter_of_the_three_languages_is_there() {
        // What the letters lack is drawn as nothing.
        assert_eq!(dark(&letter('漢')), 0);
        let cyrillic = ('а'..='я').chain('А'..='Я');
        for c in "әғқңөұүһіӘҒҚҢӨҰҮҺІёЁ–…«»▲▼№₸%".chars().chain(cyrillic).chain('0'..='9').chain('A'..='z')
        {
            let needed = c.is_alphanumeric() || !c.is_ascii();
            assert!(!needed || dark(&letter(c)) > 20, "{c}");
        }
    }

    #[test]
    fn what_is_no_drawing_is_refused() {
        assert!(png("<svg").is_err() && png("").is_err());
        assert_eq!(drawing(&json!({ "photo": "AgACfile" })), None);
        assert_eq!(drawing(&json!({ "photo": drawn("<svg/>") })), Some("<svg/>"));
    }
}

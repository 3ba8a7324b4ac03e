//! Charts as SVG: made on the server, readable in print, in black and white, and by a screen reader.
//!
//! Text takes the colour of the page around it; every value stands beside its mark as a number, so that colour carries nothing alone.
//! No styles and no scripts: a strict content security policy lets them through.

/// What a chart is called and what it shows, in the reader's language.
#[derive(Debug, Clone, Copy)]
pub struct Words<'a> {
    /// Unique on the page, of letters, digits and hyphens.
    pub id: &'a str,
    /// The title.
    pub title: &'a str,
    /// What a person who cannot see it hears.
    pub description: &'a str,
}

/// One bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// What it is.
    pub label: String,
    /// Its length; negative counts as nothing.
    pub value: i64,
    /// The value as it is written beside it.
    pub shown: String,
}

/// The one colour: dark enough on white, light enough on black (4.5 to 1 on both).
const INK: &str = "#2f7fb8";

/// Text as it may stand in SVG; characters that XML does not have are left out.
pub(super) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c if c.is_control() => safe.push(' '),
            '\u{fffe}' | '\u{ffff}' => {}
            c => safe.push(c),
        }
    }
    safe
}

/// At most `limit` characters.
pub(super) fn cut(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    text.chars().take(limit.saturating_sub(1)).chain(std::iter::once('…')).collect()
}

pub(super) fn frame(words: Words<'_>, width: i64, height: i64, body: &str) -> String {
    let id: String = words.id.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    let (title, description) = (escape(words.title), escape(words.description));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         role=\"img\" aria-labelledby=\"{id}-title {id}-desc\" font-family=\"DejaVu Sans, sans-serif\" font-size=\"13\" \
         fill=\"currentColor\"><title id=\"{id}-title\">{title}</title><desc id=\"{id}-desc\">{description}</desc>{body}</svg>"
    )
}

fn text(x: i64, y: i64, anchor: &str, words: &str) -> String {
    format!("<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{}</text>", escape(words))
}

/// Horizontal bars, longest possible value `most` (the largest there is, if `None`).
pub fn bars(words: Words<'_>, bars: &[Bar], most: Option<i64>) -> String {
    const ROW: i64 = 26;
    const LEFT: i64 = 200;
    // What stands beside the longest bar fits as well; a letter is about eight wide.
    let widest = bars.iter().map(|bar| bar.shown.chars().count()).max().unwrap_or(0);
    let beside = i64::try_from(widest).unwrap_or(0).saturating_mul(8).clamp(100, 300);
    let long = 440 - beside;
    let most = most.unwrap_or_else(|| bars.iter().map(|bar| bar.value).max().unwrap_or(0)).max(1);
    let mut body = String::new();
    for (row, bar) in (0i64..).zip(bars) {
        let y = row * ROW + 4;
        let length = bar.value.clamp(0, most).saturating_mul(long) / most;
        body.push_str(&text(LEFT - 8, y + 14, "end", &cut(&bar.label, 26)));
        if length > 0 {
            body.push_str(&format!(
                "<rect x=\"{LEFT}\" y=\"{y}\" width=\"{length}\" height=\"18\" rx=\"2\" fill=\"{INK}\"/>"
            ));
        }
        body.push_str(&text(LEFT + length + 6, y + 14, "start", &bar.shown));
    }
    let rows = i64::try_from(bars.len()).unwrap_or(0);
    frame(words, LEFT + long + beside, rows * ROW + 8, &body)
}

/// Monday to Sunday by hour: darker is more, and the number stands in the cell.
pub fn heat(words: Words<'_>, weekdays: &[String], counts: &[Vec<i64>]) -> String {
    const SIDE: i64 = 28;
    const LEFT: i64 = 60;
    const TOP: i64 = 22;
    let most = counts.iter().flatten().copied().max().unwrap_or(0).max(1);
    let mut body = String::new();
    for hour in (0..24).step_by(3) {
        body.push_str(&text(LEFT + hour * SIDE, TOP - 7, "start", &format!("{hour:02}")));
    }
    for (row, hours) in (0i64..).zip(counts) {
        let y = TOP + row * SIDE;
        let name = weekdays.get(usize::try_from(row).unwrap_or(usize::MAX)).map_or("", String::as_str);
        body.push_str(&text(LEFT - 8, y + 18, "end", &cut(name, 7)));
        for (column, count) in (0i64..).zip(hours) {
            let x = LEFT + column * SIDE;
            let strength = 8 + count.clamp(&0, &most) * 62 / most;
            body.push_str(&format!(
                "<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{w}\" fill=\"{INK}\" fill-opacity=\"0.{strength:02}\"/>",
                w = SIDE - 2
            ));
            if *count > 0 {
                body.push_str(&text(x + SIDE / 2 - 1, y + 18, "middle", &short(*count)));
            }
        }
    }
    let rows = i64::try_from(counts.len()).unwrap_or(0);
    frame(words, LEFT + 24 * SIDE + 4, TOP + rows * SIDE + 4, &body)
}

/// A number in at most four characters.
fn short(n: i64) -> String {
    match n {
        ..1_000 => n.to_string(),
        1_000..1_000_000 => format!("{}k", n / 1_000),
        _ => format!("{}M", n / 1_000_000),
    }
}

/// How something changed over time: one step for each point, with the largest value and the first and last label.
pub fn steps(words: Words<'_>, points: &[i64], (first, last): (&str, &str)) -> String {
    const WIDE: i64 = 640;
    const HIGH: i64 = 140;
    const LEFT: i64 = 50;
    const TOP: i64 = 12;
    let most = points.iter().copied().max().unwrap_or(0).max(1);
    let many = i64::try_from(points.len()).unwrap_or(1).max(1);
    let y = |value: i64| TOP + HIGH - value.clamp(0, most).saturating_mul(HIGH) / most;
    let mut path = String::new();
    for (n, value) in (0i64..).zip(points) {
        let (from, to) = (LEFT + n * WIDE / many, LEFT + (n + 1) * WIDE / many);
        path.push_str(&format!("{}{from} {}H{to}", if n == 0 { 'M' } else { 'L' }, y(*value)));
    }
    let base = TOP + HIGH;
    let mut body = format!(
        "<path d=\"M{LEFT} {base}H{}\" stroke=\"currentColor\" fill=\"none\"/>\
         <path d=\"{path}\" stroke=\"{INK}\" stroke-width=\"2\" fill=\"none\"/>",
        LEFT + WIDE
    );
    body.push_str(&text(LEFT - 6, TOP + 10, "end", &short(most)));
    body.push_str(&text(LEFT - 6, base, "end", "0"));
    body.push_str(&text(LEFT, base + 18, "start", first));
    body.push_str(&text(LEFT + WIDE, base + 18, "end", last));
    frame(words, LEFT + WIDE + 8, base + 26, &body)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HARD: &str = "Қызмет </title><script>alert(1)</script> & \"x\" \u{0}\u{1b}";

    fn words() -> Words<'static> {
        Words { id: "c1\"><b", title: HARD, description: HARD }
    }

    #[track_caller]
    fn sound(svg: &str) -> roxmltree::Document<'_> {
        let document = roxmltree::Document::parse(svg).unwrap_or_else(|e| panic!("{e}: {svg}"));
        let root = document.root_element();
        assert_eq!(root.attribute("role"), Some("img"));
        let names: Vec<_> = root.children().take(2).map(|n| n.tag_name().name().to_owned()).collect();
        assert_eq!(names, ["title", "desc"]);
        assert!(document.descendants().all(|n| !["script", "b", "style"].contains(&n.tag_name().name())));
        document
    }

    #[test]
    fn whatever_the_words_and_values_are_it_is_a_sound_picture() {
        for value in [i64::MIN, -1, 0, 1, 12_345, i64::MAX] {
            let bar = Bar { label: HARD.to_owned(), value, shown: HARD.to_owned() };
            sound(&bars(words(), &[bar.clone(), bar], None));
            sound(&steps(words(), &[value, 0, value], (HARD, HARD)));
            sound(&heat(words(), &[HARD.to_owned()], &vec![vec![value.clamp(0, 1_000_000_000); 24]; 7]));
        }
        sound(&bars(words(), &[], None));
        sound(&steps(words(), &[], ("", "")));
        sound(&heat(words(), &[], &[]));
    }

    #[test]
    fn a_bars_length_is_its_share_and_its_value_stands_beside_it() {
        let bar = |value: i64| Bar { label: "x".to_owned(), value, shown: format!("{value} %") };
        let svg = bars(words(), &[bar(50), bar(100)], Some(100));
        let document = sound(&svg);
        let widths: Vec<_> = document
            .descendants()
            .filter(|n| n.has_tag_name(("http://www.w3.org/2000/svg", "rect")))
            .filter_map(|n| n.attribute("width"))
            .collect();
        assert_eq!(widths, ["170", "340"]);
        assert!(svg.contains(">50 %<") && svg.contains(">100 %<"));
    }
}

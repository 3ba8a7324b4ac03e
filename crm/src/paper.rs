//! Words on A4 pages, as a PDF whose words can be searched and copied: paragraphs, pairs and tables, broken into lines and pages. Lengths are
//! points (1/72 inch), from the top left.

use krilla::Document;
use krilla::color::rgb;
use krilla::geom::{PathBuilder, Point};
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule, Stroke};
use krilla::text::{Font, TextDirection};
use ttf_parser::Face;

use crate::domain::lang::Lang;
use crate::letters::{BOLD, REGULAR};

const WIDE: f32 = 595.28;
const HIGH: f32 = 841.89;
const MARGIN: f32 = 56.0;
/// Between two columns.
const GAP: f32 = 12.0;
/// From one line to the next, for each point of the letters' size.
const LEADING: f32 = 1.4;
const BODY: f32 = 10.0;

/// How words look.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Look {
    /// Size of the letters.
    pub size: f32,
    /// Whether they are bold.
    pub bold: bool,
    /// Whether they stand back.
    pub faint: bool,
}

impl Look {
    /// A paragraph's.
    pub const PLAIN: Self = Self { size: BODY, bold: false, faint: false };
    /// A heading's.
    pub const HEAD: Self = Self { size: 13.0, bold: true, faint: false };
    /// A title's.
    pub const TITLE: Self = Self { size: 18.0, bold: true, faint: false };
    /// What is said beside the point.
    pub const SMALL: Self = Self { size: 8.0, bold: false, faint: true };

    const fn bold(self) -> Self {
        Self { bold: true, ..self }
    }
}

/// What is drawn on a page.
#[derive(Debug, Clone, PartialEq)]
enum Mark {
    Words { x: f32, y: f32, look: Look, words: String },
    Rule { y: f32 },
}

/// Pages that are being filled.
pub struct Paper<'a> {
    faces: [Face<'a>; 2],
    pages: Vec<Vec<Mark>>,
    /// Where the next line's top is.
    y: f32,
}

impl Paper<'_> {
    /// An empty page.
    ///
    /// # Errors
    ///
    /// The letters are not read; they are our own.
    pub fn new() -> Result<Self, String> {
        let face = |data| Face::parse(data, 0).map_err(|e| format!("the letters cannot be read: {e}"));
        Ok(Self { faces: [face(REGULAR)?, face(BOLD)?], pages: vec![Vec::new()], y: MARGIN })
    }

    /// How wide words are.
    fn width(&self, words: &str, look: Look) -> f32 {
        let face = &self.faces[usize::from(look.bold)];
        let units: f32 = words
            .chars()
            .map(|c| face.glyph_index(c).unwrap_or_default())
            .map(|glyph| f32::from(face.glyph_hor_advance(glyph).unwrap_or_default()))
            .sum();
        units * look.size / f32::from(face.units_per_em())
    }

    /// The lines of `words` that fit into `width`: broken at spaces, and inside of a word that is wider than that.
    fn lines(&self, words: &str, look: Look, width: f32) -> Vec<String> {
        let mut lines = vec![String::new()];
        for word in words.split(' ').filter(|word| !word.is_empty()) {
            let line = lines.last().map_or("", String::as_str);
            let joined = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
            if self.width(&joined, look) <= width {
                lines.pop();
                lines.push(joined);
                continue;
            }
            let mut part = String::new();
            if line.is_empty() {
                lines.pop();
            }
            for c in word.chars() {
                if !part.is_empty() && self.width(&format!("{part}{c}"), look) > width {
                    lines.push(std::mem::take(&mut part));
                }
                part.push(c);
            }
            lines.push(part);
        }
        lines
    }

    /// Room for `height`, if need be on a new page. Whether it is a new one.
    fn room(&mut self, height: f32) -> bool {
        let full = self.y + height > HIGH - MARGIN && self.y > MARGIN;
        if full {
            self.pages.push(Vec::new());
            self.y = MARGIN;
        }
        full
    }

    fn mark(&mut self, mark: Mark) {
        if let Some(page) = self.pages.last_mut() {
            page.push(mark);
        }
    }

    /// Leaves a space.
    pub fn space(&mut self, height: f32) {
        self.y += height;
    }

    /// A paragraph.
    pub fn words(&mut self, words: &str, look: Look) {
        for line in self.lines(words, look, WIDE - 2.0 * MARGIN) {
            self.room(look.size * LEADING);
            self.mark(Mark::Words { x: MARGIN, y: self.y + look.size, look, words: line });
            self.y += look.size * LEADING;
        }
    }

    /// A line of cells below a rule, in columns of these shares of the page's width; each cell breaks into lines of its own.
    fn row(&mut self, cells: &[&str], shares: &[f32], look: impl Fn(usize) -> Look) {
        let all: f32 = shares.iter().sum();
        let usable = WIDE - 2.0 * MARGIN;
        let broken: Vec<_> = cells
            .iter()
            .zip(shares)
            .enumerate()
            .map(|(column, (cell, share))| self.lines(cell, look(column), usable * share / all - GAP))
            .collect();
        let step = BODY * LEADING;
        let mut most = 0.0_f32;
        let mut x = MARGIN;
        for (column, (lines, share)) in broken.iter().zip(shares).enumerate() {
            let mut y = self.y;
            for line in lines {
                let words = line.clone();
                self.mark(Mark::Words { x, y: y + BODY, look: look(column), words });
                y += step;
            }
            most = most.max(y - self.y);
            x += usable * share / all;
        }
        self.y += most + 4.0;
        self.mark(Mark::Rule { y: self.y - 2.0 });
        self.y += 4.0;
    }

    fn height(&self, cells: &[&str], shares: &[f32]) -> f32 {
        let all: f32 = shares.iter().sum();
        let usable = WIDE - 2.0 * MARGIN;
        let count = |(cell, share): (&&str, &f32)| {
            self.lines(cell, Look::PLAIN.bold(), usable * share / all - GAP).len()
        };
        let lines = cells.iter().zip(shares).map(count).max().unwrap_or(1);
        (0..lines).fold(8.0, |height, _| height + BODY * LEADING)
    }

    /// Names with what they are, the name in bold.
    pub fn pairs(&mut self, pairs: &[(&str, &str)]) {
        let shares = [1.0, 2.0];
        for (name, value) in pairs {
            let cells = [*name, *value];
            self.room(self.height(&cells, &shares));
            self.row(&cells, &shares, |column| if column == 0 { Look::PLAIN.bold() } else { Look::PLAIN });
        }
    }

    /// A table; its head stands on each page again.
    pub fn table<const N: usize>(&mut self, head: [&str; N], shares: [f32; N], rows: &[[&str; N]]) {
        self.room(self.height(&head, &shares) * 2.0);
        self.row(&head, &shares, |_| Look::PLAIN.bold());
        for row in rows {
            if self.room(self.height(row, &shares)) {
                self.row(&head, &shares, |_| Look::PLAIN.bold());
            }
            self.row(row, &shares, |_| Look::PLAIN);
        }
    }

    /// The pages as a PDF, each with its number.
    ///
    /// # Errors
    ///
    /// Says what the PDF library refused.
    pub fn finish(mut self, title: &str, lang: Lang) -> Result<Vec<u8>, String> {
        let all = self.pages.len();
        for (page, n) in self.pages.iter_mut().zip(1..) {
            let (x, y) = (MARGIN, HIGH - MARGIN / 2.0);
            page.push(Mark::Words { x, y, look: Look::SMALL, words: format!("{title} · {n}/{all}") });
        }
        let font = |data: &'static [u8]| Font::new(data.into(), 0).ok_or("the letters cannot be read");
        let fonts = [font(REGULAR)?, font(BOLD)?];
        let mut document = Document::new();
        document.set_metadata(Metadata::new().title(title.to_owned()).language(lang.as_str().to_owned()));
        let settings = PageSettings::from_wh(WIDE, HIGH).ok_or("a page has no size")?;
        for marks in self.pages {
            let mut page = document.start_page_with(settings.clone());
            let mut surface = page.surface();
            for mark in marks {
                match mark {
                    Mark::Words { x, y, look, words } => {
                        let shade = if look.faint { 90 } else { 20 };
                        surface.set_stroke(None);
                        surface.set_fill(Some(Fill {
                            paint: rgb::Color::new(shade, shade, shade).into(),
                            opacity: NormalizedF32::ONE,
                            rule: FillRule::default(),
                        }));
                        let (font, direction) =
                            (fonts[usize::from(look.bold)].clone(), TextDirection::LeftToRight);
                        surface.draw_text(Point::from_xy(x, y), font, look.size, &words, false, direction);
                    }
                    Mark::Rule { y } => {
                        let mut line = PathBuilder::new();
                        line.move_to(MARGIN, y);
                        line.line_to(WIDE - MARGIN, y);
                        let Some(line) = line.finish() else { continue };
                        surface.set_fill(None);
                        let paint = rgb::Color::new(190, 195, 200).into();
                        surface.set_stroke(Some(Stroke { paint, width: 0.5, ..Stroke::default() }));
                        surface.draw_path(&line);
                    }
                }
            }
            surface.finish();
            page.finish();
        }
        document.finish().map_err(|e| format!("the PDF cannot be made: {e:?}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_as_wide_as_the_page_and_nothing_is_lost() {
        let paper = Paper::new().expect("letters");
        let text =
            "Қызмет көрсету шарттарында уәде етілген қолжетімділік бұзылды ".repeat(9) + &"ә".repeat(300);
        let lines = paper.lines(&text, Look::PLAIN, 200.0);
        assert!(lines.iter().all(|line| paper.width(line, Look::PLAIN) <= 200.0), "{lines:?}");
        assert_eq!(lines.concat().replace(' ', ""), text.replace(' ', ""));
        assert_eq!(paper.lines("", Look::PLAIN, 200.0), [""]);
    }

    #[test]
    fn a_long_table_goes_on_under_its_head() {
        let mut paper = Paper::new().expect("letters");
        let rows = vec![["3 қазан, 02:10:00 – 03:20:00", "1 сағат 10 минут"]; 100];
        paper.table(["Қашан", "Ұзақтығы"], [2.0, 1.0], &rows);
        assert!(paper.pages.len() > 2, "{}", paper.pages.len());
        for page in &paper.pages {
            let heads = page.iter().filter(|m| matches!(m, Mark::Words { words, .. } if words == "Қашан"));
            assert_eq!(heads.count(), 1);
            let lowest = page.iter().map(|m| match m {
                Mark::Words { y, .. } | Mark::Rule { y } => *y,
            });
            assert!(lowest.fold(0.0, f32::max) <= HIGH - MARGIN);
        }
    }
}

//! Reading the TOML files that people write (policy, directory): every mistake at once, each with its place and with what to write
//! instead. serde would stop at the first mistake and knows no "did you mean".

mod read;
mod table;

use std::cell::RefCell;
use std::fmt;

pub use read::{boolean, decimal, duration_ms, integer, list, moment, percent, text, tiyn, uri, word, words};
pub use table::Table;

/// A value and where it stands: the byte offset in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct At<T> {
    /// What was read.
    pub value: T,
    /// Where.
    pub at: usize,
}

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file's name, as it was given.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// What is wrong and what to write instead.
    pub text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.text)
    }
}

/// All mistakes of one or several files, in the order of the files' lines; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            write!(f, "{}{problem}", if index == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// One file's text, and the mistakes found in it so far.
#[derive(Debug)]
pub struct Report<'a> {
    file: &'a str,
    text: &'a str,
    problems: RefCell<Vec<Problem>>,
}

impl<'a> Report<'a> {
    /// For the file called `file` with this text.
    pub const fn new(file: &'a str, text: &'a str) -> Self {
        Self { file, text, problems: RefCell::new(Vec::new()) }
    }

    /// Line and column of a byte offset, both from 1; the column counts characters, as editors do.
    pub fn place(&self, at: usize) -> (usize, usize) {
        let mut at = at.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        let before = &self.text[..at];
        let line_start = before.rfind('\n').map_or(0, |n| n + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }

    /// Notes a mistake at byte `at`.
    pub fn problem(&self, at: usize, text: impl Into<String>) {
        let (line, column) = self.place(at);
        let problem = Problem { file: self.file.to_owned(), line, column, text: text.into() };
        self.problems.borrow_mut().push(problem);
    }

    /// `value` if no mistake was found and it could be read; all mistakes otherwise.
    pub fn finish<T>(self, value: Option<T>) -> Result<T, Problems> {
        let mut problems = self.problems.into_inner();
        problems.sort();
        problems.dedup();
        match value {
            Some(value) if problems.is_empty() => Ok(value),
            _ if problems.is_empty() => Err(Problems(vec![Problem {
                file: self.file.to_owned(),
                line: 1,
                column: 1,
                text: "the file could not be read, and no reason is known: please report this".to_owned(),
            }])),
            _ => Err(Problems(problems)),
        }
    }

    /// The file's root table; a mistake in TOML itself is noted, and what could be understood is read all the same.
    pub fn parse(&self) -> toml::de::DeTable<'a> {
        let (root, errors) = toml::de::DeTable::parse_recoverable(self.text);
        for error in errors {
            let at = error.span().map_or(0, |span| span.start);
            self.problem(at, format!("this is not TOML: {}", error.message()));
        }
        root.into_inner()
    }
}

/// ` (did you mean «…»?)` if one of `known` is close to `typed`, else nothing.
pub fn suggest<'k>(typed: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    let near = |word: &str| strsim::damerau_levenshtein(&typed.to_lowercase(), &word.to_lowercase());
    known
        .into_iter()
        .map(|word| (near(word), word))
        .min()
        .filter(|(distance, word)| {
            *distance <= 2.max(word.chars().count() / 3) && *distance < word.chars().count()
        })
        .map_or_else(String::new, |(_, word)| format!(" (did you mean «{word}»?)"))
}

#[cfg(test)]
mod tests;

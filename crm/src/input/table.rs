//! A TOML table that is asked for its keys one by one and then complains about the keys nobody asked for.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{At, Report, suggest};

/// One table of a file. End with [`Table::finish`], which reports unknown keys.
pub struct Table<'t> {
    keys: &'t DeTable<'t>,
    report: &'t Report<'t>,
    /// Where its header stands.
    at: usize,
    /// What it is, for messages: `staff «nurlan»`.
    what: String,
    asked: Vec<&'static str>,
}

impl<'t> Table<'t> {
    /// The root of a file.
    pub fn root(keys: &'t DeTable<'t>, report: &'t Report<'t>, what: &str) -> Self {
        Self { keys, report, at: 0, what: what.to_owned(), asked: Vec::new() }
    }

    /// Where this table begins, for problems with the whole of it.
    pub const fn at(&self) -> usize {
        self.at
    }

    /// What it is called in messages.
    pub fn what(&self) -> &str {
        &self.what
    }

    /// Names the table better once its id is known: `contact` becomes `contact «aigerim»`.
    pub fn name(&mut self, id: Option<&At<String>>) {
        if let Some(id) = id {
            self.what = format!("{} «{}»", self.what, id.value);
        }
    }

    /// Notes a mistake at `at`, which belongs to this table.
    pub fn problem(&self, at: usize, text: impl AsRef<str>) {
        self.report.problem(at, format!("{}: {}", self.what, text.as_ref()));
    }

    fn find(&mut self, key: &'static str) -> Option<&'t Spanned<DeValue<'t>>> {
        if !self.asked.contains(&key) {
            self.asked.push(key);
        }
        self.keys.get(key)
    }

    /// Whether `key` is there, whatever it is.
    pub fn has(&mut self, key: &'static str) -> bool {
        self.find(key).is_some()
    }

    /// The value of `key` as `read` understands it; `None` when it is absent or wrong (which is noted).
    pub fn optional<T>(
        &mut self,
        key: &'static str,
        read: impl Fn(&DeValue<'_>) -> Result<T, String>,
    ) -> Option<At<T>> {
        let value = self.find(key)?;
        let at = value.span().start;
        match read(value.get_ref()) {
            Ok(value) => Some(At { value, at }),
            Err(problem) => {
                self.problem(at, format!("`{key}`: {problem}"));
                None
            }
        }
    }

    /// As [`Table::optional`], but an absent key is a mistake too.
    pub fn required<T>(
        &mut self,
        key: &'static str,
        read: impl Fn(&DeValue<'_>) -> Result<T, String>,
    ) -> Option<At<T>> {
        if !self.keys.contains_key(key) {
            self.asked.push(key);
            self.problem(self.at, format!("`{key}` is missing; add a line `{key} = …` here"));
            return None;
        }
        self.optional(key, read)
    }

    /// The table under `key`, called `what` in messages.
    pub fn table(&mut self, key: &'static str, what: &str) -> Option<Table<'t>> {
        let value = self.find(key)?;
        let at = value.span().start;
        let DeValue::Table(keys) = value.get_ref() else {
            self.problem(at, format!("`{key}` must be a table: write `[{key}]` with its keys below"));
            return None;
        };
        Some(Table { keys, report: self.report, at, what: what.to_owned(), asked: Vec::new() })
    }

    /// As [`Table::table`], but an absent table is a mistake; `path` is its header as it must be written.
    pub fn required_table(&mut self, key: &'static str, path: &str) -> Option<Table<'t>> {
        if !self.keys.contains_key(key) {
            self.asked.push(key);
            self.problem(self.at, format!("the table `[{path}]` is missing; add it"));
            return None;
        }
        self.table(key, path)
    }

    /// The tables written as `[[key]]`, each called `what` in messages; none if the key is absent.
    pub fn tables(&mut self, key: &'static str, what: &str) -> Vec<Table<'t>> {
        let Some(value) = self.find(key) else { return Vec::new() };
        let wrong =
            |at| self.problem(at, format!("`{key}` must be a list of tables: write `[[{key}]]` above each"));
        let DeValue::Array(items) = value.get_ref() else {
            wrong(value.span().start);
            return Vec::new();
        };
        let mut tables = Vec::new();
        for item in items {
            let at = item.span().start;
            match item.get_ref() {
                DeValue::Table(keys) => {
                    tables.push(Table {
                        keys,
                        report: self.report,
                        at,
                        what: what.to_owned(),
                        asked: Vec::new(),
                    });
                }
                _ => wrong(at),
            }
        }
        tables
    }

    /// Every entry of a table whose keys are names: each key with its place, and its value.
    pub fn entries(&self) -> impl Iterator<Item = (At<&'t str>, &'t Spanned<DeValue<'t>>)> + use<'t> {
        self.keys
            .iter()
            .map(|(key, value)| (At { value: key.get_ref().as_ref(), at: key.span().start }, value))
    }

    /// The entry's value as a table of its own.
    pub fn entry_table(
        &self,
        key: &At<&str>,
        value: &'t Spanned<DeValue<'t>>,
        what: String,
    ) -> Option<Table<'t>> {
        let DeValue::Table(keys) = value.get_ref() else {
            self.problem(key.at, format!("`{}` must be a table", key.value));
            return None;
        };
        Some(Table { keys, report: self.report, at: key.at, what, asked: Vec::new() })
    }

    /// Reports the keys that nobody asked for.
    pub fn finish(self) {
        for key in self.keys.keys() {
            let typed = key.get_ref().as_ref();
            if !self.asked.contains(&typed) {
                let known = self.asked.join(", ");
                let hint = suggest(typed, self.asked.iter().copied());
                self.problem(
                    key.span().start,
                    format!("there is no key `{typed}`{hint} (the keys are: {known})"),
                );
            }
        }
    }
}

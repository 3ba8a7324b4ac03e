//! The three languages. Kazakh is the first: what nobody chose is Kazakh.

word_enum! {
    /// A person's language.
    #[derive(Default)]
    pub enum Lang {
        /// Қазақша, the default.
        #[default]
        Kk = "kk",
        /// Русский.
        Ru = "ru",
        /// English.
        En = "en",
    }
}

impl Lang {
    /// The language of an IETF tag such as Telegram's `language_code` (`ru`, `en-GB`, `kk`); anything else is Kazakh.
    pub fn of_tag(tag: Option<&str>) -> Self {
        let main = tag.unwrap_or_default().split(['-', '_']).next().unwrap_or_default();
        main.to_ascii_lowercase().parse().unwrap_or_default()
    }
}

//! The credit note of a service's month: what its record says, in the words of one language; as a page to be printed and as a PDF.

use rust_decimal::Decimal;

use super::{CreditsError, replay, words};
use crate::domain::credit::Row;
use crate::domain::lang::Lang;
use crate::paper::{Look, Paper};
use crate::policy::PolicyBook;
use crate::store::{CreditRecord, CreditState};
use crate::t;
use crate::text::exactly;

/// One interval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteRow {
    /// From when until when.
    pub when: String,
    /// How long.
    pub long: String,
    /// Why.
    pub cause: String,
    /// What it does to the figures, with the rule.
    pub effect: String,
}

/// All of it, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// In which language.
    pub lang: Lang,
    /// Who gives it.
    pub provider: String,
    /// Service, month and revision.
    pub number: String,
    /// To whom.
    pub customer: String,
    /// For what.
    pub service: String,
    /// For which month.
    pub period: String,
    /// When it was computed.
    pub date: String,
    /// The intervals, in their order.
    pub rows: Vec<NoteRow>,
    /// How the availability and the tier came out.
    pub figures: Vec<String>,
    /// What makes up the credit.
    pub lines: Vec<String>,
    /// What the month cost.
    pub paid: String,
    /// The discount.
    pub credit: String,
    /// What is left to pay.
    pub left: String,
    /// That it is not, or not any more, what its title says.
    pub warning: Option<String>,
    /// How the discount is given; `None` where there is none.
    pub given: Option<String>,
    /// The rules it rests on, and the version of the terms.
    pub sources: String,
}

impl Note {
    /// What `record` says, computed anew from its frozen inputs. `customer` and `provider` are names.
    ///
    /// # Errors
    ///
    /// The terms are gone, or the record gives other figures than it says.
    pub fn of(
        record: &CreditRecord,
        policies: &PolicyBook,
        (customer, provider): (String, String),
        lang: Lang,
    ) -> Result<Self, CreditsError> {
        let sheet = replay(record, policies)?;
        let promised = policies.pinned(&sheet.policy).map_or(Decimal::ZERO, |p| p.availability.promised);
        let row = |row: &Row| NoteRow {
            when: words::stretch(row.span, lang),
            long: words::length(row.span.ms(), lang),
            cause: words::cause(row.cause, lang),
            effect: words::effect(row, lang),
        };
        let mut figures = vec![
            t!(lang, "sheet-downtime", length = words::length(sheet.downtime_ms(), lang)),
            t!(lang, "sheet-formula", formula = words::formula(&sheet, lang)),
            words::tier(&sheet, promised, lang),
            t!(lang, "sheet-base", base = words::amount(sheet.base, lang)),
        ];
        if sheet.capped {
            figures.push(t!(lang, "sheet-capped"));
        }
        let number = format!("{}/{}/{}", sheet.service, record.inputs.month, record.revision);
        Ok(Self {
            lang,
            provider,
            number: t!(lang, "note-number", number = number),
            customer,
            service: sheet.service.to_string(),
            period: words::month(record.inputs.month, lang),
            date: exactly(&record.made_at),
            rows: sheet.rows.iter().map(row).collect(),
            figures,
            lines: sheet.lines.iter().map(|line| words::line(line, lang)).collect(),
            paid: words::amount(sheet.paid, lang),
            credit: words::amount(sheet.credit, lang),
            left: words::amount(sheet.paid - sheet.credit, lang),
            warning: match record.state {
                CreditState::Approved => None,
                CreditState::Nothing => Some(t!(lang, "sheet-none")),
                CreditState::Waiting => Some(t!(lang, "note-draft")),
                CreditState::Declined => Some(t!(lang, "note-declined")),
                CreditState::Replaced => Some(t!(lang, "note-replaced")),
            },
            given: (!sheet.credit.is_zero() && record.state != CreditState::Declined)
                .then(|| t!(lang, "sheet-discount-only", month = words::month(sheet.month, lang))),
            sources: words::sources(&sheet, lang),
        })
    }

    /// A word of the note.
    pub fn t(&self, key: &str) -> String {
        t!(self.lang, key)
    }

    /// On A4, to be sent and kept.
    ///
    /// # Errors
    ///
    /// Says what the PDF library refused.
    pub fn pdf(&self) -> Result<Vec<u8>, String> {
        let mut paper = Paper::new()?;
        paper.words(&self.provider, Look::HEAD);
        paper.space(14.0);
        paper.words(&self.t("note-title"), Look::TITLE);
        paper.words(&self.number, Look::PLAIN);
        if let Some(warning) = &self.warning {
            paper.words(warning, Look::HEAD);
        }
        paper.space(10.0);
        let (customer, service) = (self.t("note-customer"), self.t("note-service"));
        let (period, date) = (self.t("note-period"), self.t("note-date"));
        paper.pairs(&[
            (&customer, &self.customer),
            (&service, &self.service),
            (&period, &self.period),
            (&date, &self.date),
        ]);
        paper.space(10.0);
        if self.rows.is_empty() {
            paper.words(&self.t("sheet-no-intervals"), Look::PLAIN);
        } else {
            let head = ["note-when", "note-length", "note-cause", "note-effect"].map(|key| self.t(key));
            let rows: Vec<_> = self
                .rows
                .iter()
                .map(|r| [r.when.as_str(), r.long.as_str(), r.cause.as_str(), r.effect.as_str()])
                .collect();
            let head = head.each_ref().map(String::as_str);
            paper.table(head, [3.0, 2.0, 2.5, 2.5], &rows);
        }
        paper.space(10.0);
        paper.words(&self.t("note-figures"), Look::HEAD);
        for figure in &self.figures {
            paper.words(figure, Look::PLAIN);
        }
        for line in &self.lines {
            paper.words(&format!("• {line}"), Look::PLAIN);
        }
        paper.space(10.0);
        let (paid, credit) = (self.t("note-paid"), self.t("sheet-credit-name"));
        let left = self.t("note-left");
        paper.pairs(&[(&paid, &self.paid), (&credit, &self.credit), (&left, &self.left)]);
        paper.space(10.0);
        if let Some(given) = &self.given {
            paper.words(given, Look::PLAIN);
        }
        paper.words(&self.sources, Look::SMALL);
        paper.finish(&format!("{} {}", self.t("note-title"), self.number), self.lang)
    }
}

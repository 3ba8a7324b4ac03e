//! The report as a file to download: the table of figures as CSV, or all tables as a spreadsheet.

use axum::http::HeaderValue;

use super::{SlaReport, table};

/// A form of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The table of figures.
    Csv,
    /// All tables.
    Xlsx,
}

impl Form {
    /// The form that an address names.
    pub fn of(word: &str) -> Option<Self> {
        match word {
            "csv" => Some(Self::Csv),
            "xlsx" => Some(Self::Xlsx),
            _ => None,
        }
    }
}

/// A file.
#[derive(Debug)]
pub struct File {
    /// Its media type.
    pub kind: &'static str,
    /// What browsers do with it: they save it under its name.
    pub disposition: HeaderValue,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// Writes the report; an error says why it cannot be.
pub fn write(report: &SlaReport, form: Form) -> Result<File, String> {
    let tables = table::tables(report);
    let (kind, name, bytes) = match form {
        Form::Csv => {
            let first = tables.first().ok_or("there is no table")?;
            ("text/csv; charset=utf-8", "csv", table::csv(first).map_err(|e| e.to_string())?)
        }
        Form::Xlsx => (
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "xlsx",
            table::xlsx(&tables).map_err(|e| e.to_string())?,
        ),
    };
    let name = format!("attachment; filename=\"sla-{}-{}.{name}\"", report.from, report.to);
    let disposition = HeaderValue::from_str(&name).map_err(|e| e.to_string())?;
    Ok(File { kind, disposition, bytes })
}

//! The report as tables, and those as CSV and as a spreadsheet. A cell that a spreadsheet might take for a formula is disarmed.

use rust_xlsxwriter::{Format, Workbook, XlsxError};

use super::view::{Figures, PromiseFigures, SlaReport};

/// One table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// What it is.
    pub name: &'static str,
    /// The columns.
    pub header: Vec<&'static str>,
    /// The rows.
    pub rows: Vec<Vec<Value>>,
}

/// A cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A whole number.
    Number(i64),
    /// Words.
    Text(String),
    /// Nothing.
    Empty,
}

impl From<i64> for Value {
    fn from(n: i64) -> Self {
        Self::Number(n)
    }
}

impl From<Option<i64>> for Value {
    fn from(n: Option<i64>) -> Self {
        n.map_or(Self::Empty, Self::Number)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Option<String>> for Value {
    fn from(text: Option<String>) -> Self {
        text.map_or(Self::Empty, Self::Text)
    }
}

/// Text that no spreadsheet takes for a formula: `=1+1` becomes `'=1+1`.
pub fn disarm(text: &str) -> String {
    let risky = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    if risky { format!("'{text}") } else { text.to_owned() }
}

const PROMISE: [&str; 8] =
    ["met", "breached", "running", "compliance_percent", "p50_ms", "p90_ms", "p99_ms", "mean_ms"];

const FIRST: [&str; 8] = [
    "first_reply_met",
    "first_reply_breached",
    "first_reply_running",
    "first_reply_compliance_percent",
    "first_reply_p50_ms",
    "first_reply_p90_ms",
    "first_reply_p99_ms",
    "first_reply_mean_ms",
];
const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

fn promise(row: &mut Vec<Value>, p: &PromiseFigures) {
    row.extend([p.met.into(), p.breached.into(), p.running.into(), p.compliance.clone().into()]);
    row.extend([p.p50_ms, p.p90_ms, p.p99_ms, p.mean_ms].map(Value::from));
}

fn figures(period: &str, key: &str, f: &Figures) -> Vec<Value> {
    let mut row = vec![period.to_owned().into(), key.to_owned().into()];
    row.extend([f.opened, f.solved, f.ended, f.automated, f.reopened].map(Value::from));
    row.extend([Value::from(f.rated), f.rating.clone().into()]);
    promise(&mut row, &f.first_reply);
    promise(&mut row, &f.resolution);
    let m = &f.minutes;
    row.extend([m.queue_ms, m.engineer_ms, m.approval_ms, m.provisioner_ms, m.customer_ms].map(Value::from));
    row
}

/// The report's tables: figures, breaches, people, hours, backlog.
pub fn tables(report: &SlaReport) -> Vec<Table> {
    let mut header =
        vec!["period", "group", "opened", "solved", "ended", "automated", "reopened", "rated", "rating"];
    header.extend(FIRST);
    header.extend(PROMISE);
    header.extend(["queue_ms", "engineer_ms", "approval_ms", "provisioner_ms", "customer_ms"]);
    let (now, then) =
        (format!("{}/{}", report.from, report.to), format!("{}/{}", report.before_from, report.before_to));
    let mut rows = vec![figures(&now, "total", &report.total), figures(&then, "total", &report.before)];
    for group in &report.groups {
        rows.push(figures(&now, &group.key, &group.figures));
        rows.extend(group.before.as_ref().map(|before| figures(&then, &group.key, before)));
    }
    let breaches = report.breaches.iter().map(|b| {
        let m = &b.minutes;
        let mut row: Vec<Value> = vec![
            b.number.clone().into(),
            b.kind.clone().into(),
            b.queue.clone().into(),
            b.customer.clone().into(),
            b.opened_at.to_rfc3339().into(),
            b.state.clone().into(),
            i64::from(b.first_reply).into(),
            i64::from(b.resolution).into(),
        ];
        row.extend(
            [m.queue_ms, m.engineer_ms, m.approval_ms, m.provisioner_ms, m.customer_ms].map(Value::from),
        );
        row
    });
    let staff = report.staff.iter().map(|s| {
        vec![s.staff.clone().into(), s.held.into(), s.solved.into(), s.breached.into(), s.inherited.into()]
    });
    let heat = report.heat.iter().zip(DAYS).flat_map(|(hours, day)| {
        (0i64..)
            .zip(hours)
            .map(move |(hour, count)| vec![day.to_owned().into(), hour.into(), (*count).into()])
    });
    let points = report.backlog.points.iter().map(|(at, open)| vec![at.to_rfc3339().into(), (*open).into()]);
    vec![
        Table { name: "figures", header, rows },
        Table {
            name: "breaches",
            header: vec![
                "number",
                "kind",
                "queue",
                "customer",
                "opened_at",
                "state",
                "first_reply",
                "resolution",
                "queue_ms",
                "engineer_ms",
                "approval_ms",
                "provisioner_ms",
                "customer_ms",
            ],
            rows: breaches.collect(),
        },
        Table {
            name: "staff",
            header: vec!["staff", "held", "solved", "breached", "inherited"],
            rows: staff.collect(),
        },
        Table { name: "hours", header: vec!["weekday", "hour", "opened"], rows: heat.collect() },
        Table { name: "backlog", header: vec!["at", "open"], rows: points.collect() },
    ]
}

/// One table as CSV (RFC 4180, UTF-8).
pub fn csv(table: &Table) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(&table.header)?;
    for row in &table.rows {
        writer.write_record(row.iter().map(|value| match value {
            Value::Number(n) => n.to_string(),
            Value::Text(text) => disarm(text),
            Value::Empty => String::new(),
        }))?;
    }
    writer.into_inner().map_err(|e| e.into_error().into())
}

/// All tables as a spreadsheet, a sheet each.
pub fn xlsx(tables: &[Table]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let bold = Format::new().set_bold();
    for table in tables {
        let sheet = book.add_worksheet().set_name(table.name)?;
        for (column, title) in (0u16..).zip(&table.header) {
            sheet.write_string_with_format(0, column, *title, &bold)?;
        }
        for (line, row) in (1u32..).zip(&table.rows) {
            for (column, value) in (0u16..).zip(row) {
                match value {
                    #[expect(clippy::cast_precision_loss, reason = "a spreadsheet knows no other numbers")]
                    Value::Number(n) => sheet.write_number(line, column, *n as f64)?,
                    // Written as text, which a spreadsheet never computes.
                    Value::Text(text) => sheet.write_string(line, column, text)?,
                    Value::Empty => continue,
                };
            }
        }
        sheet.set_freeze_panes(1, 0)?;
    }
    book.save_to_buffer()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_arrives_as_words_and_a_number_as_a_number() {
        let evil = ["=1+1", "+7 701", "-2", "@SUM(A1)", "\t=1", "＝1", "=cmd|' /C calc'!A0"];
        let rows = evil.iter().map(|text| vec![Value::from((*text).to_owned()), Value::from(-5)]).collect();
        let table = Table { name: "t", header: vec!["a", "b"], rows };
        let text = String::from_utf8(csv(&table).expect("CSV")).expect("UTF-8");
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        for (record, evil) in reader.records().map(|r| r.expect("reads")).zip(evil) {
            assert_eq!(record.get(0), Some(format!("'{evil}").as_str()));
            assert_eq!(record.get(1), Some("-5"));
        }
        assert_eq!(disarm("KM-000001; \"x\"\r\n"), "KM-000001; \"x\"\r\n");
        let bytes = xlsx(&[table]).expect("a spreadsheet");
        assert!(bytes.starts_with(b"PK"));
    }
}

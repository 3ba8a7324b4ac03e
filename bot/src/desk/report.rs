//! `/report`, and Monday's report: the SLA report of some days as one picture, for whoever answers for the promises.

use crm::clock::Moment;
use crm::domain::ids::StaffId;
use crm::domain::lang::Lang;
use crm::domain::person::Right;
use crm::domain::reactions::Outgoing;
use crm::reports::{self, Filter, GroupBy, Period, SlaReport, picture};
use crm::service::ServiceError;
use crm::store::{Call, OutboxItem, Staff, StoreError, Tx};
use crm::t;
use crm::text::span;
use serde_json::json;

use super::page::reachable;
use super::reply::answer;
use crate::context::{Context, Result, Settings};
use crate::picture::drawn;
use crate::say::escape;
use crate::update::Written;

/// Days of a report when none are named.
const DAYS: i64 = 7;

/// `/report`, `/report 30`: the last days, today included.
pub async fn command(ctx: &Context, written: &Written, staff: &Staff) -> Result<()> {
    if !staff.role.may(Right::Credit) {
        answer(ctx, written, &t!(ctx.lang, "report-forbidden")).await;
        return Ok(());
    }
    let days = match written.text.split_whitespace().nth(1) {
        None => Some(DAYS),
        Some(word) => word.parse().ok().filter(|days| (1..=picture::DAYS).contains(days)),
    };
    let Some(days) = days else {
        answer(ctx, written, &t!(ctx.lang, "report-how", most = picture::DAYS)).await;
        return Ok(());
    };
    let Period { from, to } = Period::last(days, ctx.now);
    let tx = &mut ctx.work().await.tx;
    // What happened until this moment counts.
    reports::fold_within(tx).await?;
    let what = Outgoing::Report { staff: staff.id.clone(), from, to };
    tx.outbox_add(OutboxItem::tell(ctx.service.clock().id(), what, ctx.now));
    Ok(())
}

/// Words and draws the report; not for somebody who has another role by now, or no Telegram.
pub async fn word(
    tx: &mut Tx,
    settings: &Settings,
    now: Moment,
    staff: &StaffId,
    period: Period,
) -> Result<Vec<(i64, Call)>, StoreError> {
    let Some((chat, staff)) = reachable(tx, staff).await?.filter(|(_, staff)| staff.role.may(Right::Credit))
    else {
        return Ok(Vec::new());
    };
    let mut read = async |by| match reports::report(tx, period, by, Filter::default(), now).await {
        Ok(report) => Ok(report),
        Err(ServiceError::Store(error)) => Err(error),
        Err(other) => Err(StoreError::Inconsistent {
            table: "report_cell",
            row: String::new(),
            problem: other.to_string(),
        }),
    };
    let (by_kind, by_day) = (read(GroupBy::Kind).await?, read(GroupBy::Day).await?);
    let lang = staff.language;
    let svg = picture::draw(&by_kind, &by_day, &settings.support.provider, lang);
    let params = json!({
        "chat_id": chat,
        "photo": drawn(&svg),
        "caption": caption(&by_kind, settings, lang),
        "parse_mode": "HTML",
    });
    Ok(vec![(chat, Call { method: "sendPhoto".to_owned(), params, ticket: None, remember: None })])
}

/// The same in three lines, for whoever does not see the picture, and where the tickets are.
fn caption(report: &SlaReport, settings: &Settings, lang: Lang) -> String {
    let total = &report.total;
    let mut page = settings.address.clone();
    page.set_path("/reports/sla");
    page.set_query(Some(&format!("from={}&to={}", report.from, report.to)));
    t!(
        lang,
        "report-caption",
        period = span(report.from, report.to, lang),
        first_reply = picture::percent(total.first_reply.compliance.as_ref(), lang),
        resolution = picture::percent(total.resolution.compliance.as_ref(), lang),
        opened = total.opened,
        late = total.resolution.breached,
        page = escape(page.as_str())
    )
}

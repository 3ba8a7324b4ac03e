//! A code by mail instead of an engineer who checks who asks: right, wrong, late, worn out, not sent, and where there is no mail.

use crm::clock::Clock;
use crm::domain::kind::Kind;
use crm::domain::lang::Lang;
use crm::domain::ticket::State;
use crm::step_up;
use rstest::rstest;
use secrecy::SecretString;

use crate::story::Story;
use crate::world::NURLAN;

/// What the mail says in every story.
const CODE: &str = "405172";

/// A story at the question who says that it is he, where the crm sends mail and everybody has an address.
async fn asked(lang: Lang) -> Story {
    let mut s = Story::new(lang).await;
    s.w.directory(|directory| {
        for contact in &mut directory.contacts {
            contact.email = Some(format!("{}@customer.example", contact.id));
        }
    })
    .await;
    sends_mail(&s).await;
    begins(&mut s).await;
    s
}

async fn sends_mail(s: &Story) {
    let mut tx = s.w.db.begin().await.expect("stored");
    tx.setting_save(step_up::BY_MAIL, &true, s.w.clock.now()).await.expect("stored");
    tx.commit().await.expect("stored");
}

async fn begins(s: &mut Story) {
    s.me().says("/menu").await;
    s.me().taps("menu-password").await;
    if s.lang == Lang::Kk {
        s.me().taps("button-cabinet").await;
    }
}

/// The crm mails [`CODE`], or cannot.
async fn mailed(s: &mut Story, taken: bool) {
    let now = s.w.clock.now();
    let mut tx = s.w.db.begin().await.expect("stored");
    let wanted = tx.step_up_due(now).await.expect("stored").expect("a code is wanted");
    let kept =
        step_up::keep(&SecretString::from(CODE.to_owned()), &s.w.settings.key.public()).expect("stored");
    assert!(tx.step_up_drawn(wanted.id, &kept).await.expect("stored"));
    if taken {
        tx.step_up_sent(wanted.id, now + step_up::VALID).await.expect("stored");
    } else {
        tx.step_up_unsent(wanted.id, None).await.expect("stored");
    }
    tx.commit().await.expect("stored");
    s.w.telegram.narrate(if taken { "mail: the code" } else { "mail: the server refuses the code" });
}

#[rstest]
#[tokio::test]
async fn right(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let mut s = asked(lang).await;
    let words = s.words(["Парольді ұмытып қалдым", "Забыл пароль", "I forgot it"]);
    s.me().says(words).await;
    s.me().taps("button-code").await;
    mailed(&mut s, true).await;
    // Four digits are no code and cost no try; neither they nor the code become words of the request.
    s.me().says("4051").await;
    s.me().says("999999").await;
    s.me().says("405 172").await;
    let ticket = s.w.ticket(1).await;
    assert_eq!(
        (ticket.kind, ticket.state),
        (Kind::PasswordRecovery, State::Executing),
        "nobody need approve"
    );
    let mut tx = s.w.db.begin().await.expect("stored");
    let said = tx.messages(ticket.id, true).await.expect("stored");
    assert_eq!(said.iter().map(|m| m.body.as_str()).collect::<Vec<_>>(), [words]);
    let by = tx.step_up_of(ticket.id).await.expect("stored").expect("on record");
    assert_eq!(Some(by.contact), ticket.requester);
    drop(tx);
    s.w.provisioner_proves(1, "done").await;
    s.tells("code_right");
}

#[rstest]
#[tokio::test]
async fn late(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let mut s = asked(lang).await;
    s.me().taps("button-code").await;
    mailed(&mut s, true).await;
    s.w.minutes(10).await;
    s.me().says(CODE).await;
    assert_eq!(s.w.tickets().await, 0);
    s.me().taps("button-by-engineer").await;
    assert_eq!(s.w.ticket(1).await.state, State::WaitingApproval);
    s.w.staff_approves(NURLAN, 1).await;
    s.tells("code_late");
}

#[rstest]
#[tokio::test]
async fn worn_out(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let mut s = asked(lang).await;
    s.me().taps("button-code").await;
    mailed(&mut s, true).await;
    for guess in 0..5 {
        s.me().says(&format!("00000{guess}")).await;
    }
    // The right one does not help any more.
    s.me().says(CODE).await;
    assert_eq!(s.w.tickets().await, 0);
    // The second code ends the first; after the third there is none for a while.
    for _ in 0..2 {
        s.me().taps("button-code").await;
        mailed(&mut s, true).await;
        s.me().taps("button-back").await;
    }
    s.me().taps("button-code").await;
    assert!(
        s.w.db.begin().await.expect("stored").step_up_due(s.w.clock.now()).await.expect("stored").is_none()
    );
    s.tells("code_worn_out");
}

#[rstest]
#[tokio::test]
async fn not_sent(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let mut s = asked(lang).await;
    s.me().taps("button-code").await;
    mailed(&mut s, false).await;
    s.me().says(CODE).await;
    assert_eq!(s.w.tickets().await, 0);
    // By another way: who has asked already hears of that request, and no code is sent for nothing.
    s.me().taps("button-by-engineer").await;
    begins(&mut s).await;
    s.me().taps("button-code").await;
    assert!(
        s.w.db.begin().await.expect("stored").step_up_due(s.w.clock.now()).await.expect("stored").is_none()
    );
    s.tells("code_not_sent");
}

#[rstest]
#[tokio::test]
async fn without_an_address(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let mut s = Story::new(lang).await;
    sends_mail(&s).await;
    begins(&mut s).await;
    // A button that this question does not have.
    let (_, yes, _) = s.w.telegram.button(s.id, "✓");
    let code = format!("{}p", yes.trim_end_matches('y'));
    s.me().forges(&code).await;
    assert!(
        s.w.db.begin().await.expect("stored").step_up_due(s.w.clock.now()).await.expect("stored").is_none()
    );
    s.me().taps("button-send").await;
    assert_eq!(s.w.ticket(1).await.state, State::WaitingApproval);
    s.tells("code_without_address");
}

//! Customers ask for something: transcripts in the three languages, from the first press to the proof.

use bot::flows::tap::{Place, Tap, Topic};
use crm::domain::decide::Command;
use crm::domain::lang::Lang;
use rstest::rstest;

use crate::story::{Story, each_language};
use crate::world::{DANA, NURLAN, photo};

/// Whatever conversation there is can be begun: from the menu, or from its second page.
#[tokio::test]
async fn every_conversation_has_a_button() {
    let mut s = Story::new(Lang::Kk).await;
    s.me().says("/menu").await;
    s.me().taps("button-more").await;
    for topic in Topic::ALL {
        let data = Tap::Begin(*topic, Place::Here).to_string();
        assert!(s.w.telegram.offered(s.id, &data), "{topic} is on no page of the menu");
    }
}

#[rstest]
#[tokio::test]
async fn reboot_graceful(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let mut s = Story::new(lang).await;
    s.me().says("/menu").await;
    s.me().taps("menu-reboot").await;
    s.presses_vm("web").await;
    s.me().taps("button-graceful").await;
    s.me().taps("button-confirm").await;
    s.w.minutes(1).await;
    s.w.provisioner_proves(1, "graceful").await;
    s.me().taps("button-solved").await;
    s.tells("reboot_graceful");
}

/// Typed instead of pressed, hard at last, and the machine needed force.
#[rstest]
#[tokio::test]
async fn reboot_typed(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let mut s = Story::new(lang).await;
    let [web, mode, yes] = match lang {
        Lang::Kk => ["acme-web", "мәжбүрлі", "Иә"],
        Lang::Ru => ["WEB", "Жёстко", "да"],
        Lang::En => ["2", "hard", "Yes!"],
    };
    s.me().says("/menu").await;
    s.me().taps("menu-reboot").await;
    s.presses_vm("db").await;
    s.me().says("mail-server <b>").await;
    s.me().says(web).await;
    s.me().says(mode).await;
    s.me().says("?").await;
    s.me().says(yes).await;
    s.w.minutes(2).await;
    s.w.provisioner_proves(1, "hard").await;
    s.tells("reboot_typed");
}

#[rstest]
#[tokio::test]
async fn reboot_forced_and_failed(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let mut s = Story::new(lang).await;
    s.reboots().await;
    s.w.provisioner_proves(1, "hard").await;
    s.reboots().await;
    s.w.provisioner_fails(2, "not_proved").await;
    s.reboots().await;
    s.w.staff(NURLAN, 2, Command::Take).await;
    let word = s.words([
        "Қолмен қостым, жұмыс істеп тұр.",
        "Запустил вручную, работает.",
        "Started by hand, it runs.",
    ]);
    s.w.staff_writes(NURLAN, 2, word, |m| Command::Solve(Some(m))).await;
    s.tells("reboot_forced_and_failed");
}

#[rstest]
#[tokio::test]
async fn unlock_with_approval(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let mut s = Story::new(lang).await;
    s.me().says("/menu").await;
    s.me().taps("menu-unlock").await;
    s.presses_vm("db").await;
    let why = s.words(["Вирусты тазаладық", "Вирус удалили", "We removed the virus"]);
    s.me().says(why).await;
    s.me().taps("button-send").await;
    s.w.minutes(1).await;
    s.w.staff_approves(NURLAN, 1).await;
    if lang != Lang::Ru {
        // Locked for abuse: four eyes.
        s.w.staff_approves(DANA, 1).await;
    }
    s.w.minutes(1).await;
    s.w.provisioner_proves(1, "resumed").await;
    s.tells("unlock_with_approval");
}

#[rstest]
#[tokio::test]
async fn unlock_declined(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let mut s = Story::new(lang).await;
    s.me().says("/menu").await;
    s.me().taps("menu-unlock").await;
    s.presses_vm("db").await;
    s.me().taps("button-send").await;
    let why = s.words([
        "Машинада әлі де майнинг бағдарламасы тұр.",
        "На машине всё ещё работает майнер.",
        "The miner is still running on the machine.",
    ]);
    let action = s.w.ticket(1).await.action.expect("an action").id;
    s.w.staff_declines(NURLAN, 1, action, why).await;
    s.tells("unlock_declined");
}

#[rstest]
#[tokio::test]
async fn critical_fault_with_photo(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let mut s = Story::new(lang).await;
    s.me().says("/menu").await;
    s.me().taps("menu-fault").await;
    s.presses_vm("web").await;
    s.me().taps("button-critical").await;
    s.me().says("24.11.2026 09:40").await;
    s.me().says("09:40").await;
    s.me().taps("button-back").await;
    s.me().presses("15").await;
    let what = s.words(["Сайт ашылмайды <502>", "Сайт не открывается <502>", "The site does not open <502>"]);
    s.me().sends_photo(what, None).await;
    s.me().says("ping 100% loss").await;
    s.me().taps("button-send").await;
    s.w.minutes(1).await;
    s.w.staff(NURLAN, 1, Command::Take).await;
    let ask = s.words([
        "Кеше бірдеңе өзгерттіңіз бе?",
        "Вчера что-нибудь меняли?",
        "Did you change anything yesterday?",
    ]);
    s.w.staff_writes(NURLAN, 1, ask, Command::Ask).await;
    let answer = s.words(["Жоқ, ештеңе", "Нет, ничего", "No, nothing"]);
    s.me().replies("KM-000001", answer).await;
    let done = s.words([
        "Түйінді ауыстырдық, сайт ашылады.",
        "Заменили узел, сайт открывается.",
        "We replaced the node, the site opens.",
    ]);
    let words = crm::service::Words { text: done.to_owned(), attachments: vec![photo()] };
    s.w.staff_sends(NURLAN, 1, words, |m| Command::Solve(Some(m))).await;
    s.tells("critical_fault_with_photo");
}

/// Describes before being asked; does not know what or since when.
#[rstest]
#[tokio::test]
async fn minor_fault(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let mut s = Story::new(lang).await;
    s.me().says("/menu").await;
    s.me().taps("menu-fault").await;
    let what =
        s.words(["Сайт өте баяу ашылады", "Сайт открывается очень медленно", "The site opens very slowly"]);
    s.me().says(what).await;
    s.me().taps("button-other").await;
    s.me().taps("button-minor").await;
    let since = s.words(["кеше кештен бері", "со вчерашнего вечера", "since last night"]);
    s.me().says(since).await;
    s.me().taps("since-unknown").await;
    s.me().taps("button-send").await;
    s.me().taps("button-open").await;
    s.tells("minor_fault");
}

#[rstest]
#[tokio::test]
async fn question(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let mut s = Story::new(lang).await;
    s.me().says("/menu").await;
    s.me().taps("menu-question").await;
    let [ask, more, answer, thanks] = match lang {
        Lang::Kk => ["Резервтік көшірме бар ма?", "acme-web үшін", "Иә, күн сайын жасалады.", "Көп рахмет!"],
        Lang::Ru => ["Есть ли резервная копия?", "для birlik-web", "Да, каждый день.", "Большое спасибо!"],
        Lang::En => ["Is there a backup?", "of nomad-web", "Yes, every day.", "Thanks a lot!"],
    };
    s.me().says(ask).await;
    s.me().says(more).await;
    s.w.minutes(3).await;
    s.w.staff_writes(DANA, 1, answer, Command::Answer).await;
    s.w.staff(DANA, 1, Command::Solve(None)).await;
    s.me().says(thanks).await;
    s.me().taps("button-solved").await;
    s.tells("question");
}

/// Each language has its own people; none is forgotten above.
#[test]
fn every_language_has_its_customer() {
    assert_eq!(each_language().len(), Lang::ALL.len());
}

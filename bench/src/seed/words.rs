//! What people write, in three languages.

use crm::domain::kind::Kind;
use crm::domain::lang::Lang;
use fastrand::Rng;

const PLACES: [&str; 8] = ["10.0.4.17", "nginx", "PostgreSQL", "1C", "shop", "backup", "DNS", "VPN"];

/// The first words of a ticket.
pub fn asked(language: Lang, kind: Kind, random: &mut Rng) -> String {
    let (place, number) = (PLACES[random.usize(0..PLACES.len())], random.u32(1..1_000));
    match (language, kind.is_fault()) {
        (Lang::Kk, true) => format!("Сәлеметсіз бе! Таңертеңнен бері {place} жауап бермейді, қате {number}. Тексеріп беріңізші."),
        (Lang::Kk, false) => format!("Қайырлы күн! {place} бойынша көмек керек, өтінім {number}. Қашан дайын болады?"),
        (Lang::Ru, true) => format!("Здравствуйте! С утра не отвечает {place}, ошибка {number}. Клиенты жалуются, проверьте, пожалуйста."),
        (Lang::Ru, false) => format!("Добрый день! Нужна помощь по {place}, заявка {number}. Когда будет готово?"),
        (Lang::En, true) => format!("Hello! {place} has not answered since this morning, error {number}. Please have a look."),
        (Lang::En, false) => format!("Good afternoon! We need some help with {place}, request {number}. When will it be ready?"),
    }
}

/// An engineer's answer.
pub fn answered(language: Lang, random: &mut Rng) -> String {
    let place = PLACES[random.usize(0..PLACES.len())];
    match language {
        Lang::Kk => format!("Сәлеметсіз бе! Өтінішіңізді алдық, {place} тексеріп жатырмыз. Нәтижесін жазамыз."),
        Lang::Ru => format!("Здравствуйте! Приняли в работу, проверяем {place}. Сообщим о результате."),
        Lang::En => format!("Hello! We are on it and checking {place}. We will tell you how it goes."),
    }
}

/// A customer's short answer.
pub fn thanked(language: Lang) -> String {
    match language {
        Lang::Kk => "Иә, енді жұмыс істеп тұр сияқты, бірақ әлі баяу.",
        Lang::Ru => "Да, вроде заработало, но пока медленно.",
        Lang::En => "Yes, it seems to work now, but it is still slow.",
    }
    .to_owned()
}

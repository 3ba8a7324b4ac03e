//! Mails as people, machines and attackers write them.

use proptest::prelude::*;
use rstest::rstest;

use super::*;

const OWN: &str = "support@komek.example";

fn mail(headers: &str, body: &str) -> Letter {
    let head = format!(
        "From: Aigerim <Aigerim@Acme.example>\r\nSubject: Disk\r\nMessage-ID: <a1@acme.example>\r\n{headers}"
    );
    read(format!("{head}\r\n{body}").as_bytes(), OWN)
}

#[test]
fn a_plain_mail() {
    let letter = mail("In-Reply-To: <b@x>\r\nReferences: <c@x> <b@x>\r\n", "Қызмет істемейді\r\n");
    assert_eq!(letter.message_id, "a1@acme.example");
    assert_eq!(letter.from.as_deref(), Some("aigerim@acme.example"));
    assert_eq!((letter.name.as_str(), letter.subject.as_str()), ("Aigerim", "Disk"));
    assert_eq!(letter.answers, ["b@x", "c@x"]);
    assert_eq!(letter.text, "Қызмет істемейді");
    assert_eq!(letter.automatic, None);
}

#[rstest]
#[case("Auto-Submitted: auto-replied\r\n", Some("Auto-Submitted"))]
#[case("Auto-Submitted: no\r\n", None)]
#[case("Precedence: Bulk\r\n", Some("Precedence"))]
#[case("Return-Path: <>\r\n", Some("an empty return path"))]
#[case("Return-Path: <aigerim@acme.example>\r\n", None)]
#[case("X-Autoreply: yes\r\n", Some("a list's or an answering machine's header"))]
fn a_machine_is_told_from_a_person(#[case] headers: &str, #[case] why: Option<&str>) {
    assert_eq!(mail(headers, "x").automatic, why);
}

#[test]
fn our_own_mail_is_a_machines() {
    let own = read(b"From: Support <Support@Komek.example>\r\n\r\nx", OWN);
    assert_eq!(own.automatic, Some("our own address"));
    assert!(read(b"From: MAILER-DAEMON@mx.example\r\n\r\nx", OWN).automatic.is_some());
}

#[rstest]
#[case("Re: [KM-000042] Disk", Some(42), "Disk")]
#[case("Отв: Re: [KM-000007] Fwd: Диск", Some(7), "Диск")]
#[case("about km-12 again", Some(12), "about km-12 again")]
#[case("KM- what", None, "KM- what")]
#[case("KM-0", None, "KM-0")]
#[case("Вопрос: диск", None, "Вопрос: диск")]
fn a_number_in_the_subject(#[case] subject: &str, #[case] wanted: Option<i64>, #[case] rest: &str) {
    assert_eq!(number(subject), wanted.map(TicketNumber));
    assert_eq!(bare(subject), rest);
}

#[rstest]
#[case("Works now.\n\nOn Mon, 23 Nov 2026 Support wrote:\n> KM-000001\n> Hello", "Works now.")]
#[case("Рахмет\n\n23.11.2026 10:00, Support <support@komek.example>\nпишет:\n> Сәлем", "Рахмет")]
#[case("> only a quotation", "> only a quotation")]
#[case("One:\n> quoted\nanswer between\n> more\nend", "One:\n> quoted\nanswer between\n> more\nend")]
#[case("No quotation:", "No quotation:")]
fn a_quotation_at_the_end_goes(#[case] text: &str, #[case] wanted: &str) {
    assert_eq!(unquoted(text), wanted);
}

#[test]
fn hostile_html_is_text() {
    let html = "<html><head><title>t</title></head><body><script>alert(1)</script><style>p{}</style>\
                <p onclick=\"x()\">Сервер <b>тұрып</b> қалды</p><img src=x onerror=alert(2)></body></html>";
    let letter = mail("Content-Type: text/html; charset=utf-8\r\n", html);
    assert!(letter.text.contains("Сервер") && letter.text.contains("қалды"), "{}", letter.text);
    assert!(!letter.text.contains("alert") && !letter.text.contains('<'), "{}", letter.text);
}

#[test]
fn files_come_with_harmless_names_and_broken_mime_is_no_loss() {
    let body = "--b\r\nContent-Type: text/plain\r\n\r\nSee file\r\n--b\r\nContent-Type: image/png\r\n\
                Content-Disposition: attachment; filename=\"..\\\\..\\\\etc/pass\\u0000wd.png\"\r\n\
                Content-Transfer-Encoding: base64\r\n\r\naGVsbG8=\r\n";
    let letter = mail("Content-Type: multipart/mixed; boundary=b\r\n", body);
    assert_eq!(letter.text, "See file");
    assert_eq!(letter.files.len(), 1, "{letter:?}");
    assert_eq!(letter.files[0].body, b"hello");
    assert_eq!(letter.files[0].kind, "photo");
    assert!(!letter.files[0].name.contains(['/', '\\', '\0']), "{}", letter.files[0].name);
}

#[test]
fn very_long_words_come_along_as_a_file() {
    let letter = mail("", &"сөз ".repeat(10_000));
    assert_eq!(letter.text.chars().count(), WORDS + 1);
    assert_eq!(letter.files[0].name, "message.txt");
}

#[test]
fn a_bounce_names_the_mail_that_did_not_arrive() {
    let id = Uuid::from_u128(7);
    let body = format!(
        "--b\r\nContent-Type: text/plain\r\n\r\nno such user\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{}>\r\n--b--\r\n",
        message_id(id, OWN)
    );
    let letter = mail(
        "Return-Path: <>\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n",
        &body,
    );
    assert_eq!(letter.bounced, [id]);
    assert_eq!(id_of(&message_id(id, OWN)), Some(id));
}

#[rstest]
#[case("Сервер қосылмай тұр", Lang::Kk)]
#[case("Сервер не включается", Lang::Ru)]
#[case("The server is down", Lang::En)]
#[case("???", Lang::Kk)]
fn the_language_of_a_stranger(#[case] text: &str, #[case] wanted: Lang) {
    assert_eq!(language(text), wanted);
}

proptest! {
    #[test]
    fn whatever_comes_is_read(raw in prop::collection::vec(any::<u8>(), 0..600)) {
        let letter = read(&raw, OWN);
        prop_assert!(!letter.text.contains('\0') && letter.from.is_none_or(|a| address(&a)));
    }

    #[test]
    fn whatever_stands_in_headers_and_bodies(headers in "[ -~]{0,80}", subject in "\\PC{0,60}", body in "\\PC{0,200}") {
        let raw = format!("From: {headers}\r\nSubject: {subject}\r\nReferences: {headers}\r\nContent-Type: {headers}\r\n\r\n{body}");
        let letter = read(raw.as_bytes(), OWN);
        prop_assert!(!letter.subject.contains('\n') && !letter.name.contains('\n'));
    }
}

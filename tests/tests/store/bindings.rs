//! Who speaks for whom, guessed invitations, trials, and where words stand in Telegram.

use anyhow::Result;
use chrono::TimeDelta;
use crm::directory::Sees;
use crm::domain::event::Opening;
use crm::domain::form::Form;
use crm::domain::ids::{ContactId, CustomerId, MessageId, TicketId};
use crm::domain::kind::{Kind, Terms};
use crm::domain::ticket::{State, Ticket};
use crm::store::{INVITE_MISSES, INVITE_PAUSE, Trial};
use komek_tests::desk::fill;
use komek_tests::engine::{Engine, TestDb};
use rstest::rstest;

use crate::sample::{at, id, opening};

#[rstest]
#[tokio::test]
async fn somebody_may_speak_for_several_customers(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let (saule, boris) = (ContactId::from("saule"), ContactId::from("boris"));
    let mut tx = test.db.begin().await?;
    fill(&mut tx, "test:///default", at(0)).await?;
    assert!(!tx.account_speak(9, &saule).await?, "he is bound to nobody");
    tx.account_bind(9, &saule, "Nine", at(1)).await?;
    tx.account_bind(9, &boris, "Nine", at(2)).await?;
    tx.account_bind(9, &boris, "Nine", at(3)).await?;
    let speaks = |p: &crm::store::Person| p.contact.as_ref().map(|c| c.id.clone());
    let person = tx.person_fetch(9).await?;
    let all: Vec<_> = person.contacts.iter().map(|c| c.id.clone()).collect();
    assert_eq!((speaks(&person), all), (Some(boris.clone()), vec![boris.clone(), saule.clone()]));
    assert!(person.contacts.iter().all(|c| c.sees == Sees::All));
    assert!(tx.account_speak(9, &saule).await?);
    assert!(!tx.account_speak(9, &ContactId::from("nobody")).await?);
    assert_eq!(speaks(&tx.person_fetch(9).await?), Some(saule.clone()));
    // Of two accounts of one contact, the one that does not block us.
    tx.account_bind(8, &saule, "Eight", at(4)).await?;
    assert_eq!(tx.contact_chat(&saule).await?, Some(8));
    tx.account_blocked(8, Some(at(5))).await?;
    assert_eq!(tx.contact_chat(&saule).await?, Some(9));
    // Whoever is retired is nobody for him any more; the others he still speaks for.
    let full = tx.directory_load().await?;
    let mut less = full.clone();
    less.contacts.retain(|c| c.id != saule);
    tx.directory_save(&full, &less, at(6)).await?;
    tx.commit().await?;
    let person = test.db.read().await?.person_fetch(9).await?;
    let all: Vec<_> = person.contacts.iter().map(|c| c.id.clone()).collect();
    assert_eq!((speaks(&person), all), (Some(boris.clone()), vec![boris]));
    Ok(())
}

#[rstest]
#[tokio::test]
async fn whoever_guesses_invitations_waits(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let mut tx = test.db.begin().await?;
    tx.account_seen(9, "Nine", at(0)).await?;
    for miss in 0..INVITE_MISSES {
        assert!(!tx.invite_paused(9, at(miss)).await?, "{miss}");
        tx.invite_missed(9, at(miss)).await?;
    }
    assert!(tx.invite_paused(9, at(10)).await?);
    assert!(!tx.invite_paused(8, at(10)).await?, "nobody else waits");
    let later = at(10) + INVITE_PAUSE;
    assert!(!tx.invite_paused(9, later).await?);
    tx.invite_missed(9, later).await?;
    assert!(!tx.invite_paused(9, later + TimeDelta::seconds(1)).await?, "counting begins anew");
    tx.commit().await?;
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_trial_is_given_once(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let mut tx = test.db.begin().await?;
    let customer = CustomerId::from("new");
    let trial = |number, terms| {
        let form = Form::Order { terms };
        let opening =
            Opening { kind: Kind::Trial, form, customer: Some(customer.clone()), ..opening(number) };
        Ticket::opened(TicketId(id()), at(number), opening)
    };
    assert_eq!(tx.trial_of(&customer, Terms::Vm).await?, Trial::Free);
    let first = trial(1, Terms::Vm);
    let first = tx.ticket_save(first, None);
    assert_eq!(tx.trial_of(&customer, Terms::Vm).await?, Trial::UnderWay(first.number));
    assert_eq!(tx.trial_of(&customer, Terms::Kubernetes).await?, Trial::Free, "each service has its own");
    let first = tx.ticket_save(Ticket { state: State::Declined, ..first }, None);
    assert_eq!(tx.trial_of(&customer, Terms::Vm).await?, Trial::Free, "what was refused was none");
    tx.ticket_save(Ticket { state: State::Closed, ..first }, None);
    tx.ticket_save(trial(2, Terms::Vm), None);
    assert_eq!(tx.trial_of(&customer, Terms::Vm).await?, Trial::Had);
    fill(&mut tx, "test:///default", at(0)).await?;
    assert_eq!(tx.trial_of(&CustomerId::from("acme"), Terms::Vm).await?, Trial::Had, "rents machines");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn words_are_found_wherever_they_stand(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let (ticket, words) = (TicketId(id()), MessageId(id()));
    let mut tx = test.db.begin().await?;
    tx.message_link_words(-5, 1, ticket, words);
    tx.message_link_words(7, 3, ticket, words);
    tx.message_link(7, 4, ticket);
    assert_eq!(tx.ticket_of_message(7, 3).await?, Some(ticket));
    tx.commit().await?;
    let mut tx = test.db.begin().await?;
    assert_eq!(tx.words_of_message(-5, 1).await?, Some((ticket, words)));
    assert_eq!(tx.words_of_message(7, 4).await?, None);
    assert_eq!(tx.messages_of_words(words).await?, [(-5, 1), (7, 3)]);
    assert_eq!(tx.messages_of_words(MessageId(id())).await?, []);
    // One of them became something else: it is found by its ticket still, but not by these words.
    tx.message_unlink_words(7, 3, MessageId(id())).await?;
    assert_eq!(tx.messages_of_words(words).await?.len(), 2, "other words");
    tx.message_unlink_words(7, 3, words).await?;
    assert_eq!(tx.messages_of_words(words).await?, [(-5, 1)]);
    assert_eq!(tx.ticket_of_message(7, 3).await?, Some(ticket));
    Ok(())
}

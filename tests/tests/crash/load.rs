//! What people do meanwhile. Nobody repeats anything: what is sent once must be answered, however often services die.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use komek_tests::town::{Asker, DESK, STAFF, Town, data_ending, number_in};

/// What was asked for and answered.
pub struct Load {
    /// Confirmed requests.
    pub asked: Vec<Asked>,
    /// What the engineer wrote, by ticket.
    pub answers: Vec<(String, String)>,
}

/// One confirmed request.
#[derive(Debug, Clone)]
pub struct Asked {
    /// By whom.
    pub who: i64,
    /// The number he was told.
    pub number: String,
    /// The machine, or the question's text.
    pub what: What,
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A reboot.
    Reboot(String),
    /// A question.
    Question(String),
}

/// A customer who reboots his machines in turn and asks questions in between.
pub async fn customer(
    town: &Town,
    (who, machines): (i64, &[&str]),
    patience: Duration,
    stop: &AtomicBool,
) -> Result<Vec<Asked>> {
    let mut person = Asker::new(town.phone(who));
    let mut asked = Vec::new();
    for round in 0.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let machine = machines[round % machines.len()];
        // The same machine again only when its last reboot is over: a second one would be refused.
        let waiting = format!(
            "SELECT COUNT(*) FROM ticket WHERE service_id = '{machine}' AND kind = 'vm_reboot' AND due_at IS NOT NULL"
        );
        town.until(&waiting, 0, patience).await?;
        let number = person
            .reboot(machine)
            .await
            .with_context(|| format!("{who} reboots {machine}, round {round}"))?;
        asked.push(Asked { who, number, what: What::Reboot(machine.to_owned()) });
        let text = format!("Сұрақ {round} / {who}: диск неге баяу?");
        let number = person.ask(&text).await.with_context(|| format!("{who} asks, round {round}"))?;
        asked.push(Asked { who, number, what: What::Question(text) });
    }
    Ok(asked)
}

/// An engineer who takes tickets from their cards and replies to them.
pub async fn engineer(town: &Town, stop: &AtomicBool) -> Result<Vec<(String, String)>> {
    let phone = town.phone(STAFF[0].0).at(DESK).patience(Duration::from_secs(1));
    let mut seen = HashSet::new();
    let mut answers = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let taken = phone.messages().into_iter().find_map(|card| {
            let number = number_in(&card.text).filter(|n| !seen.contains(n))?;
            let digits: i64 = number[3..].parse().ok()?;
            let take = data_ending(&card, &format!(":{digits}"))?;
            Some((card.id, take, number))
        });
        let Some((card, take, number)) = taken else {
            // Any news in the group; none is fine as well.
            phone.mark();
            let _ = phone.wait_for(|_| true).await;
            continue;
        };
        seen.insert(number.clone());
        phone.press_data(card, &take)?;
        let text = format!("{number} бойынша жауап: қараймыз");
        phone.reply(card, &text)?;
        answers.push((number, text));
    }
    Ok(answers)
}

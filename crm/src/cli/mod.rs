//! The command line: what each command is called, what it takes, and how an error ends it. What the commands do is in the library.

#![expect(clippy::doc_markdown, reason = "these comments are the help text, where backticks would be noise")]

mod access;
mod audit;
mod broadcast;
mod directory;
mod doctor;
mod emergency;
mod incidents;
mod open;
mod policy;
mod reports;
mod serve;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use crm::admin::TokenScope;
use crm::domain::ids::{CustomerId, StaffId, TicketNumber};
use crm::domain::person::Role;

/// Komek's crm: the SLA clock, the web server and the administration of the support desk.
///
/// Configuration is read from komek.toml in the current folder (or the file that KOMEK_CONFIG names); every key can also be an
/// environment variable: [database] url is KOMEK_DATABASE_URL, [web] listen is KOMEK_WEB_LISTEN.
#[derive(Debug, Parser)]
#[command(name = "komek-crm", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the service: SLA clock, pages, web server
    ///
    /// Ends on SIGTERM or Ctrl-C after finishing what is under way. On SQLite it brings the schema up to date by itself; on PostgreSQL
    /// run `komek-crm migrate` first.
    Serve,
    /// Bring the database's schema up to date
    Migrate,
    /// Check configuration, database, terms, directory, disk and clock
    ///
    /// Says for each problem what to do, changes nothing, and exits with 1 if something is an error (warnings do not count).
    Doctor,
    /// The directory: customers, what they rent, staff, on-call rotas
    #[command(subcommand)]
    Directory(DirectoryCommand),
    /// Make a one-time invitation that binds a contact's Telegram account
    ///
    /// Prints the deep link for the contact and, as the last word, the code. The code is stored nowhere and works once; a new invitation
    /// for the same contact ends the older ones.
    Invite {
        /// The contact's id in the directory
        contact: String,
        /// How long the invitation is good for
        #[arg(long, value_name = "TIME", default_value = "7d", value_parser = access::valid_for)]
        valid: chrono::TimeDelta,
    },
    /// Make a one-time link with which a staff member signs in to the web console
    ///
    /// Good for ten minutes and one browser; a new link for the same person ends the older ones.
    Login {
        /// The staff member's id in the directory
        staff: String,
    },
    /// Tokens for the HTTP API
    #[command(subcommand)]
    Token(TokenCommand),
    /// The terms: targets, marks, approvals, credit tiers
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Emergency mode: a longer first-reply promise while something large is broken
    ///
    /// Recorded in the audit; customers who open a ticket meanwhile are told.
    #[command(subcommand)]
    Emergency(EmergencyCommand),
    /// The sums behind the reports
    #[command(subcommand)]
    Reports(ReportsCommand),
    /// Tell customers in Telegram of planned works or an outage
    ///
    /// FILE is TOML with the words in each language: kk = "…", ru = "…", en = "…". Everybody is told once; `--dry-run` says whom.
    Broadcast {
        /// What it is about: planned_works or outage
        about: crm::store::About,
        /// The words, TOML
        file: PathBuf,
        /// Only customers with a machine in this zone
        #[arg(long)]
        zone: Option<String>,
        /// Only customers with a place in this cluster
        #[arg(long)]
        cluster: Option<String>,
        /// Only this customer
        #[arg(long)]
        customer: Option<String>,
        /// Only show whom it would reach
        #[arg(long)]
        dry_run: bool,
    },
    /// Incidents: intervals in which services did not work
    #[command(subcommand)]
    Incidents(IncidentsCommand),
    /// Availability and credits of a month
    ///
    /// Prints each service's downtime, availability, tier and credit with the intervals and rules they follow from: frozen figures where
    /// the period is closed, else what is confirmed by now. Figures of a month that is not over are preliminary.
    Credits {
        /// The reporting period, such as 2026-10
        #[arg(long, value_name = "MONTH")]
        period: crm::domain::downtime::Month,
        /// In which form
        #[arg(long, value_enum, default_value = "json")]
        format: incidents::Format,
        /// Close the period first: freeze the figures
        #[arg(long)]
        close: bool,
    },
    /// The tamper-evident record of everything that happened
    #[command(subcommand)]
    Audit(AuditCommand),
}

#[derive(Debug, Subcommand)]
enum IncidentsCommand {
    /// Import intervals that two people have confirmed
    ///
    /// FILE is CSV with the columns service, started_at, ended_at, cause, confirmed_by, seconded_by, evidence. All of it is imported, or,
    /// if a line is wrong, nothing: every mistake is listed with its line. Importing a file twice changes nothing the second time.
    Import {
        /// The file, CSV
        file: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
enum DirectoryCommand {
    /// Make the stored directory what FILE says
    ///
    /// Ids decide what is the same. What is gone from the file is retired, nothing is deleted. Applying a file twice changes nothing the
    /// second time. All mistakes of the file are listed with their lines, and then nothing is applied.
    Apply {
        /// The directory file, TOML
        file: PathBuf,
        /// Only show what would change
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Debug, Subcommand)]
enum TokenCommand {
    /// Make a token and print it; it is shown this once
    Create {
        /// What it may do: engineer, duty-manager, manager, administrator or auditor
        #[arg(long)]
        role: Role,
        /// What it is for, as the audit shows it
        #[arg(long, default_value = "api")]
        name: String,
        /// The staff member who acts with it: his present role counts, and he may approve with it
        #[arg(long, value_name = "ID")]
        staff: Option<String>,
        /// The one customer it is limited to and speaks for
        #[arg(long, value_name = "ID", conflicts_with = "staff")]
        customer: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
enum PolicyCommand {
    /// Check policy files and explain mistakes by line
    ///
    /// Without FILE, checks what the service would load: KOMEK_POLICY_DIR, or the terms that are built in.
    Check {
        /// Policy files, TOML
        files: Vec<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
enum EmergencyCommand {
    /// Switch it on
    On {
        /// Why, for the record
        #[arg(long)]
        reason: Option<String>,
    },
    /// Switch it off
    Off,
}

#[derive(Debug, Subcommand)]
enum ReportsCommand {
    /// Count every ticket anew into the reports' sums
    ///
    /// The sums follow the tickets by themselves; this is for after the database was repaired by hand.
    Recount,
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    /// Verify that nothing was changed, removed, re-ordered or added
    ///
    /// Exits with 1 and names every place where something was.
    Verify {
        /// Only this ticket, such as KM-000042
        #[arg(long, value_name = "NUMBER")]
        ticket: Option<TicketNumber>,
    },
}

/// Runs the command of this process's arguments.
pub async fn run() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Serve => serve::serve().await,
        Command::Migrate => serve::migrate().await,
        Command::Doctor => doctor::doctor().await,
        Command::Directory(DirectoryCommand::Apply { file, dry_run }) => {
            directory::apply(&file, dry_run).await
        }
        Command::Invite { contact, valid } => access::invite(&contact, valid).await,
        Command::Login { staff } => access::login(&staff).await,
        Command::Token(TokenCommand::Create { role, name, staff, customer }) => {
            let scope = TokenScope { staff: staff.map(StaffId), customer: customer.map(CustomerId) };
            access::token(&name, role, &scope).await
        }
        Command::Policy(PolicyCommand::Check { files }) => policy::check(&files),
        Command::Emergency(EmergencyCommand::On { reason }) => emergency::switch(true, reason).await,
        Command::Emergency(EmergencyCommand::Off) => emergency::switch(false, None).await,
        Command::Reports(ReportsCommand::Recount) => reports::recount().await,
        Command::Broadcast { about, file, zone, cluster, customer, dry_run } => {
            let audience =
                crm::store::Audience { zone, cluster, customer, ..crm::store::Audience::default() };
            broadcast::send(about, &file, audience, dry_run).await
        }
        Command::Incidents(IncidentsCommand::Import { file }) => incidents::import(&file).await,
        Command::Credits { period, format, close } => incidents::credits(period, format, close).await,
        Command::Audit(AuditCommand::Verify { ticket }) => audit::verify(ticket).await,
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("komek-crm: {}", told(&error));
        ExitCode::FAILURE
    })
}

/// An error and its causes in one line; a cause that its effect already quotes is not repeated.
fn told(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |said, cause| match said.contains(&cause) {
        _ if said.is_empty() => cause,
        true => said,
        false => format!("{said}: {cause}"),
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_and_argument_says_what_it_is() {
        fn look(command: &clap::Command, path: &str) {
            let path = format!("{path} {}", command.get_name());
            assert!(command.get_about().is_some() || command.get_name() == "komek-crm", "{path} has no help");
            for argument in
                command.get_arguments().filter(|a| !["help", "version"].contains(&a.get_id().as_str()))
            {
                assert!(argument.get_help().is_some(), "{path} {} has no help", argument.get_id());
            }
            for sub in command.get_subcommands() {
                look(sub, &path);
            }
        }
        look(&Cli::command(), "");
    }
}

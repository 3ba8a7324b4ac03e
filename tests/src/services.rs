//! The real programs as child processes: built beside the tests, started in a folder of their own, killed or stopped by their pid.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

/// The programs, and what each is started with.
#[derive(Debug, Clone)]
pub struct Programs {
    folder: PathBuf,
    beside: PathBuf,
    variables: Vec<(String, String)>,
}

/// One run of a program to its end.
#[derive(Debug)]
pub struct Said {
    /// The exit code; `None` after a signal.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Said {
    /// Output of a run that must have gone well.
    pub fn well(self) -> Result<String> {
        ensure!(self.code == Some(0), "{self:#?}");
        Ok(self.out)
    }

    /// Both outputs of a run that must have failed with code 1.
    pub fn badly(self) -> Result<String> {
        ensure!(self.code == Some(1), "{self:#?}");
        Ok(format!("{}{}", self.out, self.err))
    }
}

impl Programs {
    /// Programs that work in `folder` with these variables; `None` if they were not built (see [`crate::lab`]).
    pub fn new(folder: &Path, variables: &[(&str, String)]) -> Result<Option<Self>> {
        let me = std::env::current_exe()?;
        // Test binaries are one folder deeper than programs.
        let beside = me.ancestors().nth(2).context("this program has a folder")?.to_owned();
        for program in ["komek-crm", "komek-bot", "komek-provisioner"] {
            if !beside.join(program).is_file() {
                let why = format!("{program} is not built: cargo build --workspace --bins");
                return crate::lab::absent("the programs", &why);
            }
        }
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        Ok(Some(Self { folder: folder.to_owned(), beside, variables }))
    }

    /// The same with one more variable.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut more = self.clone();
        more.variables.retain(|(known, _)| known != name);
        more.variables.push((name.to_owned(), value.to_owned()));
        more
    }

    /// The same without a variable.
    #[must_use]
    pub fn without(&self, name: &str) -> Self {
        let mut less = self.clone();
        less.variables.retain(|(known, _)| known != name);
        less
    }

    /// Starts a script of the project, such as `scripts/demo-real.sh`; what it says is added to `NAME.log`.
    pub fn start_script(&self, path: &str) -> Result<Running> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        self.spawn(&name, self.command(&path.to_string_lossy(), &[]))
    }

    /// The folder of the programs.
    pub fn beside(&self) -> &Path {
        &self.beside
    }

    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.beside.join(program));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("KOMEK_") {
                command.env_remove(name);
            }
        }
        command.args(arguments).env_remove("RUST_BACKTRACE").envs(self.variables.iter().cloned());
        command.current_dir(&self.folder).stdin(Stdio::null());
        command
    }

    /// Runs a program to its end.
    pub async fn run(&self, program: &str, arguments: &[&str]) -> Result<Said> {
        let mut command = self.command(program, arguments);
        let output = tokio::task::spawn_blocking(move || command.output()).await??;
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Ok(Said { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) })
    }

    /// Starts a service; what it logs is added to `NAME.log`.
    pub fn start(&self, program: &str, arguments: &[&str]) -> Result<Running> {
        self.spawn(program, self.command(program, arguments))
    }

    fn spawn(&self, name: &str, mut command: Command) -> Result<Running> {
        let log = self.folder.join(format!("{name}.log"));
        let file: File = OpenOptions::new().create(true).append(true).open(&log)?;
        let child = command.stdout(file.try_clone()?).stderr(file).spawn().context(name.to_owned())?;
        Ok(Running { name: name.to_owned(), log, child })
    }
}

/// A service that runs; it is killed when the value goes.
#[derive(Debug)]
pub struct Running {
    /// The program.
    pub name: String,
    log: PathBuf,
    child: Child,
}

impl Running {
    /// SIGKILL, in the middle of whatever it does. `false`: it had ended by itself.
    pub fn kill(&mut self) -> Result<bool> {
        let ran = self.child.try_wait()?.is_none();
        self.child.kill()?;
        self.child.wait()?;
        Ok(ran)
    }

    /// Whether it ended, and how.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// SIGTERM, and waits until it ends.
    pub async fn stop(&mut self) -> Result<ExitStatus> {
        let pid = self.child.id().to_string();
        // It may have ended by itself meanwhile: then there is nobody to tell.
        Command::new("kill").arg(&pid).stderr(Stdio::null()).status()?;
        self.wait(Duration::from_secs(20)).await
    }

    /// SIGTERM, and waits until it ends; for a destructor, which cannot await. What does not end is killed.
    pub fn end(&mut self, limit: Duration) {
        let begun = Instant::now();
        let told = Command::new("kill").arg(self.child.id().to_string()).stderr(Stdio::null()).status();
        while told.is_ok() && begun.elapsed() < limit && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until it ends by itself.
    pub async fn wait(&mut self, limit: Duration) -> Result<ExitStatus> {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            ensure!(
                begun.elapsed() < limit,
                "{} does not end; its last words:\n{}",
                self.name,
                self.last_words()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Everything it has logged.
    pub fn logged(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// The last lines it has logged.
    pub fn last_words(&self) -> String {
        let log = self.logged();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }

    /// Waits until its log says something.
    pub async fn says(&self, words: &str, limit: Duration) -> Result<()> {
        let begun = Instant::now();
        while !self.logged().contains(words) {
            ensure!(begun.elapsed() < limit, "{} never said «{words}»:\n{}", self.name, self.last_words());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Errors mean that it is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A free port on loopback.
pub fn free_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

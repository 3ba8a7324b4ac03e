//! A sandbox with one bot and one customer, and a bot's bare HTTP calls.

#![expect(clippy::expect_used, reason = "a failure here is the test's failure")]
use sandbox::{BotAccount, Config, Person, Phone, Sandbox};
use serde_json::{Value, json};

/// The smallest picture.
pub const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\rIDATx\xdac\xfc\xcf\xc0P\x0f\0\x04\x85\x01\x80\x84\xa9\x8c!\0\0\0\0IEND\xaeB`\x82";

/// What every test needs.
pub struct Bench {
    pub sandbox: Sandbox,
    pub bot: BotAccount,
    pub aigerim: Phone,
    pub http: reqwest::Client,
}

impl Bench {
    pub async fn start() -> anyhow::Result<Self> {
        Self::with(Config::default()).await
    }

    pub async fn with(config: Config) -> anyhow::Result<Self> {
        let sandbox = Sandbox::start(config).await?;
        let bot = sandbox.add_bot("100000:TEST", "komek_bot")?;
        let aigerim = Person::new(200_001, "Айгерім").language("kk").phone("+77010000001");
        let aigerim = sandbox.add_person(aigerim)?;
        let http = reqwest::Client::builder().no_proxy().build()?;
        Ok(Self { sandbox, bot, aigerim, http })
    }

    pub fn method(&self, name: &str) -> String {
        format!("{}/bot{}/{name}", self.sandbox.url(), self.bot.token)
    }

    /// A call with a JSON body.
    pub async fn call(&self, method: &str, params: Value) -> Value {
        let answer = self.http.post(self.method(method)).json(&params).send().await.expect("an answer");
        let status = answer.status().as_u16();
        let body: Value = answer.json().await.expect("JSON");
        assert_eq!(
            body["error_code"].as_u64().unwrap_or(200),
            u64::from(status),
            "status and error_code agree"
        );
        body
    }

    /// sendMessage to Aigerim.
    pub async fn send(&self, mut params: Value) -> Value {
        params["chat_id"] = json!(200_001);
        self.call("sendMessage", params).await
    }

    pub async fn get(&self, url: &str) -> (u16, Value) {
        let answer = self.http.get(url).send().await.expect("an answer");
        (answer.status().as_u16(), answer.json().await.expect("JSON"))
    }

    pub async fn form(&self, method: &str, fields: &[(&str, &str)]) -> Value {
        let answer = self.http.post(self.method(method)).form(fields).send().await.expect("an answer");
        answer.json().await.expect("JSON")
    }

    pub async fn upload(
        &self,
        method: &str,
        field: &str,
        name: &str,
        bytes: &[u8],
        rest: &[(&str, &str)],
    ) -> Value {
        let part = reqwest::multipart::Part::bytes(bytes.to_vec()).file_name(name.to_owned());
        let mut form = reqwest::multipart::Form::new().part(field.to_owned(), part);
        for (name, value) in rest {
            form = form.text((*name).to_owned(), (*value).to_owned());
        }
        let answer = self.http.post(self.method(method)).multipart(form).send().await.expect("an answer");
        answer.json().await.expect("JSON")
    }

    pub async fn download(&self, path: &str) -> Vec<u8> {
        let url = format!("{}/file/bot{}/{path}", self.sandbox.url(), self.bot.token);
        let answer = self.http.get(url).send().await.expect("an answer");
        answer.bytes().await.expect("bytes").to_vec()
    }

    /// getUpdates.
    pub async fn updates(&self, offset: i64, timeout: i64) -> Vec<Value> {
        let answer = self.call("getUpdates", json!({"offset": offset, "timeout": timeout})).await;
        answer["result"].as_array().expect("updates").clone()
    }
}

/// Asserts a refusal.
#[track_caller]
pub fn fails(answer: &Value, code: i64, description: &str) {
    assert_eq!(answer["error_code"], code, "{answer}");
    assert_eq!(answer["description"], description);
}

pub fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

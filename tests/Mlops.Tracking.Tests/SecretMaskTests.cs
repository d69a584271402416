namespace Mlops.Tracking.Tests;

public sealed class SecretMaskTests
{
    [Theory]
    [InlineData("password")]
    [InlineData("db_password")]
    [InlineData("DbPassword")]
    [InlineData("dbpassword")]
    [InlineData("PASSWORD2")]
    [InlineData("user.passwd")]
    [InlineData("Pwd")]
    [InlineData("client-secret")]
    [InlineData("token")]
    [InlineData("accessToken")]
    [InlineData("access_token2")]
    [InlineData("accesstoken")]
    [InlineData("HF_TOKEN")]
    [InlineData("apikey")]
    [InlineData("api_key")]
    [InlineData("api-key")]
    [InlineData("OpenAIAPIKey")]
    [InlineData("x-api-key-1")]
    [InlineData("connectionstring")]
    [InlineData("connection_string")]
    [InlineData("ConnectionStrings:Default")]
    [InlineData("AccountKey")]
    [InlineData("azure sas")]
    [InlineData("SAS_URL")]
    [InlineData("aws/credentials")]
    [InlineData("privateKey")]
    [InlineData("pass")]
    [InlineData("db_pass")]
    [InlineData("pw")]
    [InlineData("smtp.pw")]
    [InlineData("ssh_key")]
    [InlineData("jwt")]
    [InlineData("sessionCookie")]
    [InlineData("bearer")]
    [InlineData("openai.key")]
    [InlineData("OPENAI_KEY")]
    [InlineData("auth")]
    [InlineData("AUTH")]
    [InlineData("_auth")]
    [InlineData("registry.auth")]
    [InlineData("basicAuth")]
    [InlineData("auth2")]
    public void IsSecret_NamesOfSecrets_AreFound(string name) => Assert.True(SecretMask.Default.IsSecret(name));

    [Theory]
    [InlineData("max_tokens")]
    [InlineData("tokenizer")]
    [InlineData("token_count")]
    [InlineData("eos_token")]
    [InlineData("pad_token")]
    [InlineData("tokens")]
    [InlineData("key")]
    [InlineData("primary_key")]
    [InlineData("keyword")]
    [InlineData("monkey")]
    [InlineData("sashimi")]
    [InlineData("disaster")]
    [InlineData("secretary_problem_steps")]
    [InlineData("learning_rate")]
    [InlineData("connections")]
    [InlineData("pass_rate")]
    [InlineData("first_pass")]
    [InlineData("forward_pass")]
    [InlineData("num_pass")]
    [InlineData("bypass")]
    [InlineData("compass")]
    [InlineData("cookie_policy")]
    [InlineData("jwt_algorithm")]
    [InlineData("passes")]
    [InlineData("author")]
    [InlineData("Author")]
    [InlineData("authors")]
    [InlineData("authority")]
    [InlineData("oauth")]
    [InlineData("auth_method")]
    [InlineData("")]
    [InlineData("日本")]
    public void IsSecret_OtherNames_AreNot(string name) => Assert.False(SecretMask.Default.IsSecret(name));

    [Theory]
    [InlineData("Host=db;Username=me;Password=hunter2;Port=1", "Host=db;Username=me;Password=***;Port=1")]
    [InlineData("Server=x;Pwd=hunter2 with spaces;Database=d", "Server=x;Pwd=***;Database=d")]
    [InlineData("AccountName=a;AccountKey=hunter2hunter2==;EndpointSuffix=core", "AccountName=a;AccountKey=***;EndpointSuffix=core")]
    [InlineData("{\"user\": \"me\", \"token\": \"hunter2\", \"n\": 1}", "{\"user\": \"me\", \"token\": \"***\", \"n\": 1}")]
    [InlineData("\"{\\\"password\\\":\\\"hunter2\\\"}\"", "\"{\\\"password\\\":***")]
    [InlineData("options: password=hunter2", "options: password=***")]
    [InlineData("+  password: hunter2\n+  user: me", "+  password: ***\n+  user: me")]
    [InlineData("const string ApiKey = \"hunter2\";", "const string ApiKey = \"***\";")]
    [InlineData("run --api-key hunter2 --rows 5", "run --api-key *** --rows 5")]
    [InlineData("<user>me</user><password>hunter2</password>", "<user>me</user><password>***</password>")]
    [InlineData("<add key=\"Password\" value=\"hunter2\"/>", "<add key=\"Password\" value=\"***\"/>")]
    [InlineData("Authorization: Bearer hunter2.abc-def", "Authorization: *** ***")]
    [InlineData("got Bearer hunter2hunter2 back", "got Bearer *** back")]
    [InlineData("postgres://me:hunter2@db:5432/x", "postgres://***@db:5432/x")]
    [InlineData("https://hunter2@github.com/a/b.git", "https://***@github.com/a/b.git")]
    [InlineData("https://a.blob.core.windows.net/c?sv=1&sig=hunter2%3D&se=2", "https://a.blob.core.windows.net/c?sv=1&sig=***&se=2")]
    [InlineData("used ghp_hunter2hunter2hunter2 today", "used *** today")]
    [InlineData("a -----BEGIN RSA PRIVATE KEY-----\nhunter2\n-----END RSA PRIVATE KEY----- b", "a *** b")]
    [InlineData("a -----BEGIN PRIVATE KEY-----\nhunter2", "a ***")]
    [InlineData("env['SECRET'] = 'hunter2'", "env['SECRET'] = '***'")]
    [InlineData("SECRET=>hunter2", "SECRET=>***")]
    [InlineData("{\"ConnectionStrings\":{\"Default\":\"Host=db;Password=hunter2\"},\"ApiKey\":\"hunter2\",\"Level\":\"Info\"}", "{\"ConnectionStrings\":{\"Default\":\"***\"},\"ApiKey\":\"***\",\"Level\":\"Info\"}")]
    [InlineData("+  \"ConnectionStrings\": {\n+    \"a\": \"hunter2\",\n+    \"b\": \"x\\\"hunter2\"\n+  },\n+  \"c\": \"d\"", "+  \"ConnectionStrings\": {\n+    \"a\": \"***\",\n+    \"b\": \"***\"\n+  },\n+  \"c\": \"d\"")]
    [InlineData("secrets = [ 'hunter2', 'hunter2' ] # two", "secrets = [ '***', '***' ] # two")]
    [InlineData("{\"password\":[\"hunter2\",{\"k\":\"hunter2\"}],\"n\":[1]}", "{\"password\":[\"***\",{\"k\":\"***\"}],\"n\":[1]}")]
    [InlineData("{\"password\": 12345, \"user\":\"me\", \"token\":\"hunter2\"}", "{\"password\": ***, \"user\":\"me\", \"token\":\"***\"}")]
    [InlineData("{\"token\":null,\"b\":1,\"secret\":\"hunter2\"}", "{\"token\":null,\"b\":1,\"secret\":\"***\"}")]
    [InlineData("pwd=the ok, token=a", "pwd=*** ok, token=***")]
    [InlineData("db_pass=hunter2 ok", "db_pass=*** ok")]
    [InlineData("{\"Authorization\":\"Bearer hunter2\"}", "{\"Authorization\":\"***\"}")]
    [InlineData("-H 'Authorization: Basic hunter2'", "-H 'Authorization: *** ***'")]
    [InlineData("sent basic aHVudGVyMjpodW50ZXIy once", "sent basic *** once")]
    [InlineData("mail SG.hunter2hunter2hunter2_.hunter2hunter2hunter2hunter2hunter2hunter2- sent", "mail *** sent")]
    [InlineData("upload pypi-AgEIcHlwaS5vcmcCJGhunter2hunter2hunter2hunter2hunter2hunter2", "upload ***")]
    [InlineData("upload pypi-AgENdGVzdC5weXBpLm9yZwIkhunter2hunter2hunter2hunter2", "upload ***")]
    [InlineData("charge sk_live_51hunter2hunter2hunter2hunter2 and rk_live_51hunter2hunter2hunter2hunter2", "charge *** and ***")]
    [InlineData("auth=hunter2 ok", "auth=*** ok")]
    [InlineData("auth: hunter2 ok", "auth: *** ok")]
    [InlineData("key=my_sk_live_51hunter2hunter2hunter2", "key=my_***")]
    [InlineData("a_ghp_hunter2hunter2hunter2", "a_***")]
    [InlineData("//registry.example.org/:_auth=hunter2", "//registry.example.org/:_auth=***")]
    [InlineData("AIzaSyhunter2hunter2hunter2hunter2hunter2", "***")]
    public void MaskText_SecretsInIt_AreMasked(string text, string expected)
    {
        var masked = SecretMask.Default.MaskText(text);
        Assert.DoesNotContain("hunter2", masked, StringComparison.Ordinal);
        Assert.Equal(expected, masked);
    }

    [Theory]
    [InlineData("0.5")]
    [InlineData("ssh://git@github.com/a/b.git")]
    [InlineData("git@github.com:a/b.git")]
    [InlineData("https://example.org/a?b=c&d=e")]
    [InlineData("max_tokens=5, tokenizer: bpe")]
    [InlineData("InvalidDataException: no rows")]
    [InlineData("The token was missing and the password is unknown")]
    [InlineData("me@example.org")]
    [InlineData("a=b;c=d")]
    [InlineData("author=Ann Smith; co-author: Bob")]
    [InlineData("pip install pypi-attestations-of-a-long-name")]
    [InlineData("the SG.company and sk_live_ prefixes")]
    [InlineData("the Bearer market is near, basic authentication is not")]
    [InlineData("token: the classifier of a sentence")]
    [InlineData("two-factor auth: enabled for the team")]
    [InlineData("basic_auth: Disabled, see the wiki")]
    [InlineData("risk-of-a-very-long-name-of-words and a task_sk_live_ prefix")]
    [InlineData("password_length=12, use_password: true, \"token_ttl\": 3600}")]
    [InlineData("{\"use_password\":false,\"max_password_age\":90}")]
    [InlineData("items.ForEach(token => {\n    Use(token);\n});")]
    public void MaskText_NoSecrets_IsTheSame(string text) => Assert.Equal(text, SecretMask.Default.MaskText(text));

    [Fact]
    public void MaskText_LongText_TakesNoLongerThanItsLength()
    {
        // Patterns that go back over what they read would not come to an end.
        foreach (var piece in new[] { "a", "a=", "\"", "<a ", "--a ", "://", "a:", "password", "-----BEGIN ", "\\", "ab.", "=;", " =", "password:{\"", "token:[", "secret={'a':" })
        {
            var text = string.Concat(Enumerable.Repeat(piece, 100_000 / piece.Length));
            Assert.NotNull(SecretMask.Default.MaskText(text));
        }
    }

    [Theory]
    [InlineData("auth: dXNlcjpwYXNz")]
    [InlineData("auth: swordFish")]
    [InlineData("auth: 'sesame'")]
    [InlineData("auth=sesame")]
    [InlineData("{\"auth\": \"sesame\"}")]
    public void MaskText_AuthWithWhatLooksLikeACredential_IsMasked(string text) => Assert.Contains("***", SecretMask.Default.MaskText(text), StringComparison.Ordinal);

    [Theory]
    [InlineData("auth", "basic", "***")]
    [InlineData("password_length", "12", "12")]
    [InlineData("use_password", "true", "true")]
    [InlineData("use_password", "1", "1")]
    [InlineData("password", "False", "False")]
    [InlineData("token_timeout_seconds", "0.5", "0.5")]
    [InlineData("password_policy", "a1b2", "***")]
    [InlineData("password", "12", "***")]
    [InlineData("password_length", "12345678901", "***")]
    [InlineData("password2", "4711", "***")]
    public void MaskValue_NumbersAndTruthValues_AreKeptWhereTheyAreNoSecrets(string name, string value, string expected) => Assert.Equal(expected, SecretMask.Default.MaskValue(name, value));

    [Fact]
    public void MaskValue_OwnNames_AreUsed()
    {
        var options = new SecretOptions();
        options.Names.Clear();
        options.Names.Add("license number");
        var mask = new SecretMask(options);
        Assert.Equal(("***", "x", "LicenseNumber=***"), (mask.MaskValue("license_number", "x"), mask.MaskValue("password", "x"), mask.MaskText("LicenseNumber=5")));
        Assert.Equal("x", new SecretMask(new SecretOptions { IsEnabled = false }).MaskValue("password", "x"));
        options.Names.Add("--");
        Assert.Throws<ArgumentException>(() => new SecretMask(options));
    }

    /// <summary>Ten megabytes would take minutes to be looked through for secrets.</summary>
    [Theory]
    [InlineData("password: x ")]
    [InlineData("abc://def:ghi password: ")]
    [InlineData("<password ")]
    public async Task SetTag_MuchTooLong_IsRefusedOrCutBeforeItIsMasked(string repeated)
    {
        var text = string.Concat(Enumerable.Repeat(repeated, 10_000_000 / repeated.Length));
        var store = new FaultyStore();
        await using var tracker = store.NewTracker();
        await using var run = await tracker.StartRunAsync("e", null, TestContext.Current.CancellationToken);
        Assert.Throws<ArgumentException>(() => run.SetTag("t", text));
        Assert.Throws<ArgumentException>(() => run.LogParam("p", text));
        Assert.Throws<ArgumentException>(() => run.SetName(text));
        var preparation = new ValuePreparation(new SecretMask(), truncates: true);
        Assert.Equal(8000, preparation.Prepare("tag", "t", text, 8000).Length);
        Assert.InRange(preparation.PrepareName(text, 250).Length, 1, 250);
    }

    [Fact]
    public void Prepare_SecretAcrossTheCut_IsNotKeptInPart()
    {
        var preparation = new ValuePreparation(new SecretMask(), truncates: true);
        var secret = "ghp_" + new string('q', 36);
        foreach (var length in new[] { 70, 90, 8000 - 20, 8000 + 16384 - 20 })
        {
            var prepared = preparation.Prepare("tag", "t", string.Concat(new string('x', length), " ", secret, " ", new string('y', 40_000)), 8000);
            Assert.DoesNotContain("qq", prepared, StringComparison.Ordinal);
            Assert.InRange(prepared.Length, 1, 8000);
        }
    }
}

namespace Mlops.Tracking;

/// <summary>Which params and tags are secret, by their names.</summary>
public sealed class SecretOptions
{
    /// <summary>Gets or sets whether secrets are masked.</summary>
    /// <value>The default value is <see langword="true"/>.</value>
    public bool IsEnabled { get; set; } = true;

    /// <summary>Gets the names of secrets, as words: <c>api key</c> stands for <c>api_key</c>, <c>ApiKey</c>, <c>API-KEY</c>, <c>apikey</c> and <c>openai.apiKey</c>.</summary>
    /// <value>
    /// The default value is the names that programs give to passwords, tokens, keys and connection strings. A name is secret when it holds the words of one of them in a row, but for
    /// <c>token</c>, <c>pass</c>, <c>pw</c>, <c>jwt</c>, <c>bearer</c>, <c>cookie</c> and <c>auth</c>, which have to end it: <c>token_count</c>, <c>max_tokens</c>, <c>tokenizer</c> and <c>pass_rate</c> are no secrets, nor is <c>author</c>.
    /// </value>
    public IList<string> Names { get; } =
    [
        "password", "passwords", "passwd", "pwd", "pass", "pw", "passphrase", "secret", "secrets", "token", "api key", "api keys", "access key", "account key", "private key", "shared key", "signing key",
        "encryption key", "master key", "storage key", "subscription key", "ssh key", "openai key", "anthropic key",
        "azure key", "aws key", "google key", "gemini key", "huggingface key", "hf key", "wandb key", "jwt", "bearer", "cookie", "auth", "connection string", "connection strings", "credential", "credentials", "sas", "authorization",
    ];
}

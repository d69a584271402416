using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;

namespace Mlops.Tracking;

/// <summary>Masks secrets: whole values whose names say that they are secret, and secrets within texts. Immutable, safe for concurrent use.</summary>
/// <remarks>
/// Within texts it finds <c>password=…</c>, <c>"token": "…"</c>, <c>--api-key …</c>, <c>&lt;secret&gt;…&lt;/secret&gt;</c>, connection strings, <c>Bearer …</c>, credentials and signatures in
/// addresses, private keys, and tokens that are known by their form. It may mask too much; what has no name and no form it cannot know.
/// </remarks>
/// <example><code>
/// SecretMask.Default.MaskValue("db_password", "hunter2");            // ***
/// SecretMask.Default.MaskText("Host=db;Password=hunter2;Port=1");    // Host=db;Password=***;Port=1
/// </code></example>
public sealed partial class SecretMask
{
    /// <summary>What stands where a secret was.</summary>
    public const string Replacement = "***";

    private static readonly SearchValues<char> s_signs = SearchValues.Create("=:@<> ");

    private readonly SecretName[] _names;
    private readonly bool _isEnabled;

    /// <summary>Creates a mask.</summary>
    /// <param name="options">Which names are secret; the defaults when <see langword="null"/>.</param>
    /// <exception cref="ArgumentException">A name has no letter and no digit.</exception>
    public SecretMask(SecretOptions? options = null)
    {
        options ??= new SecretOptions();
        _isEnabled = options.IsEnabled;
        _names = [.. options.Names.Select(SecretName.Parse)];
    }

    /// <summary>Gets the mask with the default names.</summary>
    public static SecretMask Default { get; } = new();

    /// <summary>Tells whether what has this name is secret.</summary>
    /// <param name="name">The name of a param, tag, setting or variable.</param>
    /// <returns>Whether it is.</returns>
    public bool IsSecret(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!_isEnabled) return false;
        return IsSecret(new SecretWords(name));
    }

    /// <summary>
    /// Masks a value: all of it when its name is secret, else the secrets within it. <c>true</c> and <c>false</c> are no secrets, nor are numbers under names that measure or switch something, such as
    /// <c>password_length</c>.
    /// </summary>
    /// <param name="name">The name.</param>
    /// <param name="value">The value.</param>
    /// <returns>The value to store.</returns>
    public string MaskValue(string name, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        ArgumentNullException.ThrowIfNull(name);
        if (value.Length == 0 || !_isEnabled) return value;
        var words = new SecretWords(name);
        if (!IsSecret(words)) return MaskText(value);
        return SecretValue.IsPlain(words, value) ? value : Replacement;
    }

    /// <summary>Masks the secrets within a text.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The text without them; the same one when it has none.</returns>
    public string MaskText(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        // Numbers and short words, the usual values, hold none of the signs that all forms need.
        if (!_isEnabled || (text.Length < 16 && !text.AsSpan().ContainsAny(s_signs))) return text;
        text = PrivateKeys().Replace(text, Replacement);
        text = Credentials().Replace(text, static match => match.Groups["pass"].Success || match.Value.StartsWith("http", StringComparison.OrdinalIgnoreCase)
            ? match.Groups["scheme"].Value + Replacement + "@"
            : match.Value);
        text = Headers().Replace(text, "${scheme} " + Replacement);
        text = Schemes().Replace(text, "${scheme} " + Replacement);
        text = Signatures().Replace(text, "${name}=" + Replacement);
        text = KnownForms().Replace(text, Replacement);
        text = Elements().Replace(text, MaskNamed);
        text = Attributes().Replace(text, MaskNamed);
        text = Options().Replace(text, MaskNamed);
        return MaskAssignments(text);
    }

    private bool IsSecret(SecretWords words)
    {
        foreach (var secret in _names)
        {
            if (secret.IsIn(words)) return true;
        }

        return false;
    }

    // The value is looked at only where the name is secret: what is assigned to another name may hold another assignment, "options: password=…", and may be as long as the text.
    private string MaskAssignments(string text)
    {
        StringBuilder? masked = null;
        var copied = 0;
        for (var match = Assignments().Match(text); match.Success; match = match.NextMatch())
        {
            var start = match.Index + match.Length;
            if (match.Index < copied || start == text.Length) continue;
            var words = new SecretWords(match.Groups["name"].Value);
            if (!IsSecret(words)) continue;
            if (text[start] is '{' or '[')
            {
                var list = new StringBuilder();
                if (SecretValue.MaskList(text, start, list) is var end && end > start)
                {
                    (masked ??= new StringBuilder(text.Length)).Append(text, copied, start - copied).Append(list);
                    copied = end;
                    continue;
                }
            }

            var length = match.ValueSpan.Contains('"') ? SecretValue.LengthOfLiteral(text.AsSpan(start)) : 0;
            if (length == 0) length = AssignedValues().Match(text, start).Length;
            // A bracket alone opens what is looked at by itself.
            if (length == 0 || (length == 1 && text[start] is '{' or '[')) continue;
            var value = text.AsSpan(start, length);
            if (SecretValue.IsPlain(words, value) || (IsColon(match.ValueSpan) && (SecretValue.IsProse(value.ToString()) || (words.IsWordOfProse && !SecretValue.IsCredential(value))))) continue;
            masked ??= new StringBuilder(text.Length);
            masked.Append(text, copied, start - copied).Append(Mask(value));
            copied = start + length;
        }

        return masked is null ? text : masked.Append(text, copied, text.Length - copied).ToString();
    }

    // As sentences have it: right behind a word, and with a space.
    private static bool IsColon(ReadOnlySpan<char> assignment) => assignment.Length > 2 && assignment[^1] == ' ' && assignment[^2] == ':' && char.IsLetterOrDigit(assignment[^3]);

    // The quotes stay.
    private static string Mask(ReadOnlySpan<char> value)
    {
        var quote = value.Length > 1 && value[0] is '"' or '\'' && value[^1] == value[0] ? value[..1].ToString() : "";
        return quote + Replacement + quote;
    }

    private string MaskNamed(Match match)
    {
        var words = new SecretWords(match.Groups["name"].Value);
        var value = match.Groups["value"];
        if (!IsSecret(words) || SecretValue.IsPlain(words, value.ValueSpan)) return match.Value;
        var start = value.Index - match.Index;
        return string.Concat(match.ValueSpan[..start], Mask(value.ValueSpan), match.ValueSpan[(start + value.Length)..]);
    }

    [GeneratedRegex("-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\\z)", RegexOptions.Singleline)]
    private static partial Regex PrivateKeys();

    [GeneratedRegex("(?<scheme>\\b[A-Za-z][A-Za-z0-9+.\\-]{1,30}://)[^\\s/?#@:\"'<>]*(?:(?<pass>:)[^\\s/@\"'<>]*)?@")]
    private static partial Regex Credentials();

    // Whatever follows in a header.
    [GeneratedRegex("\\b(?<scheme>Bearer|Basic|Negotiate)(?<=(?:authorization|auth|token|credentials?)[\"'`\\]]{0,3}\\s{0,10}[:=]\\s{0,10}[\"'`]{0,2}(?:Bearer|Basic|Negotiate))\\s+[A-Za-z0-9._~+/=\\-]+", RegexOptions.IgnoreCase)]
    private static partial Regex Headers();

    // Elsewhere what looks like a token: with a digit, a sign of Base64, capitals within, or long; "basic authentication" and "bearer market" are words.
    [GeneratedRegex("\\b(?<scheme>[Bb]earer|BEARER|[Bb]asic|BASIC|[Nn]egotiate|NEGOTIATE)\\s+(?:(?=[A-Za-z._~+/=\\-]*[0-9_~+=])[A-Za-z0-9._~+/=\\-]{6,}|(?=[A-Za-z]*[a-z][A-Z]+[a-z]+[A-Z])[A-Za-z0-9._~+/=\\-]{12,}|[A-Za-z0-9._~+/=\\-]{20,})")]
    private static partial Regex Schemes();

    [GeneratedRegex("(?<=[?&])(?<name>sig|signature|x-amz-signature|x-amz-credential|x-amz-security-token|x-goog-signature|code|key)=[^&\\s\"'<>;]+", RegexOptions.IgnoreCase)]
    private static partial Regex Signatures();

    // Tokens of GitHub, GitLab, Slack, AWS, Google, Hugging Face, SendGrid, PyPI, Stripe and others, and JSON Web Tokens.
    [GeneratedRegex("(?<![A-Za-z0-9])(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_\\-]{16,}|xox[abeprs]-[A-Za-z0-9\\-]{10,}|(?:AKIA|ASIA)[0-9A-Z]{16}|hf_[A-Za-z0-9]{20,}|sk-[A-Za-z0-9_\\-]{20,}|AIza[A-Za-z0-9_\\-]{30,}|SG\\.[A-Za-z0-9_\\-]{16,}\\.[A-Za-z0-9_\\-]{16,}|pypi-AgE[A-Za-z0-9_\\-]{16,}|(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,}|eyJ[A-Za-z0-9_\\-]{8,}\\.[A-Za-z0-9_\\-]{8,}\\.[A-Za-z0-9_\\-]*)")]
    private static partial Regex KnownForms();

    [GeneratedRegex("<(?<name>[\\w.\\-:]{1,100})(?:\\s[^<>]*)?>(?<value>[^<]+)(?=</)")]
    private static partial Regex Elements();

    [GeneratedRegex("\\b(?:key|name)\\s*=\\s*[\"'](?<name>[^\"'<>]{1,100})[\"']\\s+(?:value|connectionString)\\s*=\\s*(?<value>\"[^\"]*\"|'[^']*')", RegexOptions.IgnoreCase)]
    private static partial Regex Attributes();

    [GeneratedRegex("(?<![\\w\\-])--?(?<name>[A-Za-z][\\w.\\-]{0,100})\\s+(?<value>\"[^\"]*\"|'[^']*'|[^\\s\"'\\-=:][^\\s]*)")]
    private static partial Regex Options();

    [GeneratedRegex("(?<![\\w.\\-])(?<name>[\\w.\\-]{1,100})\\\\*[\"'`]?\\]?\\s*(?:=>|:=|[:=])\\s*")]
    private static partial Regex Assignments();

    // A value in quotes; one that ends with the semicolon of a connection string and may hold spaces, not looked for in the whole of a long line; or anything without spaces.
    [GeneratedRegex("\\G(?:\"(?:[^\"\\\\\\r\\n]|\\\\.)*\"|'(?:[^'\\\\\\r\\n]|\\\\.)*'|[^;=\\s\"'][^;=\\r\\n\"']{0,1000}(?=;)|[^\\s;&]+)")]
    private static partial Regex AssignedValues();
}

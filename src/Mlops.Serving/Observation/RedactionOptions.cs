using System.Security.Cryptography;

namespace Mlops.Serving;

/// <summary>Which columns an observer of predictions must not see in clear, and what it sees of them.</summary>
public sealed class RedactionOptions
{
    internal const int FewestKeyBytes = 16;

    /// <summary>Gets the columns, or whole inputs and outputs, that are sensitive, each with what is shown of it.</summary>
    /// <value>Empty. Names are compared without regard to case, lest a column is shown for a letter's sake. Columns of the role <see cref="Data.ColumnRole.Sensitive"/> in the profile of a model's training data are sensitive without being named here.</value>
    public IDictionary<string, SensitiveColumnPolicy> Columns { get; } = new Dictionary<string, SensitiveColumnPolicy>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Gets or sets what is shown of columns that are sensitive by their role and not named in <see cref="Columns"/>.</summary>
    /// <value>The default value is <see cref="SensitiveColumnPolicy.Omit"/>.</value>
    public SensitiveColumnPolicy DefaultPolicy { get; set; } = SensitiveColumnPolicy.Omit;

    /// <summary>Gets or sets the secret key of <see cref="SensitiveColumnPolicy.Hash"/>: at least 16 random bytes from a secret store. Without it nobody can try out values against the hashes.</summary>
    /// <value>The default value is <see langword="null"/>, with which no column can be hashed.</value>
    public ReadOnlyMemory<byte>? HashKey { get; set; }

    /// <summary>Gets or sets whether sensitive columns are shown in clear, those named in <see cref="Columns"/> too.</summary>
    /// <value>The default value is <see langword="false"/>.</value>
    public bool EnableSensitiveData { get; set; }

    /// <summary>Makes the text that stands for a value.</summary>
    internal static string Hash(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, value, hash);
        return Convert.ToHexStringLower(hash[..16]);
    }

    internal void Validate()
    {
        foreach (var (column, policy) in Columns) Check(policy, column);
        Check(DefaultPolicy, nameof(DefaultPolicy));
    }

    private void Check(SensitiveColumnPolicy policy, string name)
    {
        if (!Enum.IsDefined(policy)) throw new ArgumentOutOfRangeException(name, policy, "There is no such policy for sensitive columns.");
        if (policy == SensitiveColumnPolicy.Hash && !(HashKey?.Length >= FewestKeyBytes))
            throw new ArgumentException($"'{name}' is to be hashed, which needs a {nameof(HashKey)} of at least {FewestKeyBytes} bytes. Use random bytes from a secret store, not a password.");
    }
}

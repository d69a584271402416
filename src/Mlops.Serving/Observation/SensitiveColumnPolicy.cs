namespace Mlops.Serving;

/// <summary>What a <see cref="RedactingObserver"/> shows of a sensitive column.</summary>
public enum SensitiveColumnPolicy
{
    /// <summary>Nothing: the column is left out.</summary>
    Omit,

    /// <summary>A text that is the same for the same value under the same key: the first 128 bits of its HMAC-SHA-256, as 32 hexadecimal digits.</summary>
    Hash,

    /// <summary>The text <c>***</c>, which tells only that there is a value.</summary>
    Mask,
}

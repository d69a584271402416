using System.Text.Json.Serialization;

namespace Mlops.Validation;

/// <summary>What kind of personal data a value is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PiiKind>))]
public enum PiiKind
{
    /// <summary>An e-mail address.</summary>
    Email,

    /// <summary>A telephone number.</summary>
    Phone,

    /// <summary>An international bank account number.</summary>
    Iban,

    /// <summary>The number of a payment card.</summary>
    Card,

    /// <summary>An address of the Internet Protocol, version 4 or 6.</summary>
    Ip,
}

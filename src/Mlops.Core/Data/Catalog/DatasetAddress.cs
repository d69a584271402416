using System.Buffers;
using System.Globalization;
using Mlops.Tracking;

namespace Mlops.Data;

/// <summary>The address of a dataset in a catalog: <c>rides</c> (the latest version), <c>rides@3</c>, <c>rides@training</c>, or a fingerprint of 64 hexadecimal digits.</summary>
public sealed record DatasetAddress
{
    private const int FingerprintLength = 64;
    private static readonly SearchValues<char> s_hexDigits = SearchValues.Create("0123456789abcdef");

    private DatasetAddress(string? name, string? alias, int? version, string? fingerprint) => (Name, Alias, Version, Fingerprint) = (name, alias, version, fingerprint);

    /// <summary>Gets the name; <see langword="null"/> when a fingerprint is given.</summary>
    public string? Name { get; }

    /// <summary>Gets the alias; <see langword="null"/> when none is given.</summary>
    public string? Alias { get; }

    /// <summary>Gets the version; <see langword="null"/> when none is given.</summary>
    public int? Version { get; }

    /// <summary>Gets the fingerprint; <see langword="null"/> when a name is given.</summary>
    public string? Fingerprint { get; }

    /// <summary>Reads an address.</summary>
    /// <param name="text">The address.</param>
    /// <returns>The address.</returns>
    /// <exception cref="FormatException">The text is not the address of a dataset.</exception>
    public static DatasetAddress Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (IsFingerprint(text)) return new DatasetAddress(null, null, null, text);
        var at = text.IndexOf('@', StringComparison.Ordinal);
        var name = CheckName(at < 0 ? text : text[..at]);
        if (at < 0) return new DatasetAddress(name, null, null, null);
        var rest = text[(at + 1)..];
        if (rest == ModelUri.Latest) return new DatasetAddress(name, null, null, null);
        if (rest.Length == 0 || rest.AsSpan().ContainsAnyExceptInRange('0', '9')) return new DatasetAddress(name, CheckAlias(rest), null, null);
        return int.TryParse(rest, NumberStyles.None, CultureInfo.InvariantCulture, out var version) && version > 0
            ? new DatasetAddress(name, null, version, null)
            : throw new FormatException($"'{text}' is not the address of a dataset: versions are numbered from 1. Write name, name@version, name@alias or a fingerprint.");
    }

    /// <summary>Writes the address.</summary>
    /// <returns>The address, which <see cref="Parse"/> reads back.</returns>
    public override string ToString() => (Name, Version, Alias) switch
    {
        (null, _, _) => Fingerprint!,
        (_, { } version, _) => string.Create(CultureInfo.InvariantCulture, $"{Name}@{version}"),
        (_, _, { } alias) => $"{Name}@{alias}",
        _ => Name,
    };

    /// <summary>Checks the name of a dataset.</summary>
    /// <param name="name">The name: 1 to 256 characters, without <c>/</c>, <c>:</c>, <c>@</c> and control characters, and not of the form of a fingerprint.</param>
    /// <returns>The name.</returns>
    /// <exception cref="FormatException">The name is not allowed.</exception>
    public static string CheckName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length is 0 or > 256 || name.AsSpan().ContainsAny("/:@") || name.Any(char.IsControl) || IsFingerprint(name))
            throw new FormatException($"'{name}' cannot be the name of a dataset: use 1 to 256 characters without '/', ':', '@' and control characters, and not 64 hexadecimal digits.");
        return name;
    }

    /// <summary>Checks an alias.</summary>
    /// <param name="alias">The alias: 1 to 255 letters, digits, <c>_</c> and <c>-</c>; not digits alone, not of the form <c>v7</c>, and not <c>latest</c>.</param>
    /// <returns>The alias.</returns>
    /// <exception cref="FormatException">The alias is not allowed.</exception>
    public static string CheckAlias(string alias)
    {
        ArgumentNullException.ThrowIfNull(alias);
        var digits = alias.Length > 1 && alias[0] is 'v' or 'V' ? alias.AsSpan(1) : alias;
        if (alias.Length is 0 or > 255 || !digits.ContainsAnyExceptInRange('0', '9') || alias.Equals(ModelUri.Latest, StringComparison.OrdinalIgnoreCase)
            || !alias.All(c => char.IsLetterOrDigit(c) || c is '_' or '-'))
        {
            throw new FormatException($"'{alias}' cannot be an alias: use 1 to 255 letters, digits, '_' and '-', and not digits alone, the form 'v7' or 'latest'.");
        }

        return alias;
    }

    private static bool IsFingerprint(string text) => text.Length == FingerprintLength && !text.AsSpan().ContainsAnyExcept(s_hexDigits);
}

using System.Globalization;

namespace Mlops.Tracking;

/// <summary>The address of a model in a registry: <c>models:/ridership@champion</c>, <c>models:/ridership/7</c>, <c>models:/ridership/latest</c> or <c>models:/ridership/Production</c>.</summary>
public sealed record ModelUri
{
    /// <summary>The alias that always points to the highest version.</summary>
    public const string Latest = "latest";

    private const string Scheme = "models:/";

    private ModelUri(string name, string? alias, int? version, ModelStage? stage)
    {
        Name = name;
        Alias = alias;
        Version = version;
        Stage = stage;
    }

    /// <summary>Gets the registered model.</summary>
    public string Name { get; }

    /// <summary>Gets the alias; <see langword="null"/> when a version or a stage is named.</summary>
    public string? Alias { get; }

    /// <summary>Gets the version; <see langword="null"/> when an alias or a stage is named.</summary>
    public int? Version { get; }

    /// <summary>Gets the stage, whose highest version is meant; <see langword="null"/> when an alias or a version is named.</summary>
    public ModelStage? Stage { get; }

    /// <summary>Makes the address of an alias.</summary>
    /// <param name="name">The registered model.</param>
    /// <param name="alias">The alias, or <see cref="Latest"/>.</param>
    /// <returns>The address.</returns>
    /// <exception cref="FormatException">The name or the alias is not allowed.</exception>
    public static ModelUri OfAlias(string name, string alias) => new(CheckName(name), CheckAlias(alias), null, null);

    /// <summary>Makes the address of a version.</summary>
    /// <param name="name">The registered model.</param>
    /// <param name="version">The version, ≥ 1.</param>
    /// <returns>The address.</returns>
    /// <exception cref="FormatException">The name is not allowed.</exception>
    public static ModelUri OfVersion(string name, int version)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(version, 1);
        return new ModelUri(CheckName(name), null, version, null);
    }

    /// <summary>Makes the address of the highest version in a stage.</summary>
    /// <param name="name">The registered model.</param>
    /// <param name="stage">The stage.</param>
    /// <returns>The address.</returns>
    /// <exception cref="FormatException">The name is not allowed.</exception>
    public static ModelUri OfStage(string name, ModelStage stage)
    {
        if (!Enum.IsDefined(stage)) throw new ArgumentOutOfRangeException(nameof(stage), stage, "Choose one of the stages of ModelStage.");
        return new ModelUri(CheckName(name), null, null, stage);
    }

    /// <summary>Reads an address; <c>latest</c> and stages behind the slash in any case.</summary>
    /// <param name="text">The address.</param>
    /// <returns>The address.</returns>
    /// <exception cref="FormatException">The text is not the address of a model.</exception>
    public static ModelUri Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!text.StartsWith(Scheme, StringComparison.Ordinal)) throw Malformed(text);
        var rest = text[Scheme.Length..];
        var at = rest.IndexOf('@', StringComparison.Ordinal);
        if (at >= 0) return OfAlias(rest[..at], rest[(at + 1)..]);
        var slash = rest.LastIndexOf('/');
        if (slash < 0) throw Malformed(text);
        var (name, last) = (rest[..slash], rest[(slash + 1)..]);
        if (last.Equals(Latest, StringComparison.OrdinalIgnoreCase)) return OfAlias(name, Latest);
        foreach (var stage in Enum.GetValues<ModelStage>())
        {
            if (last.Equals(stage.ToString(), StringComparison.OrdinalIgnoreCase)) return OfStage(name, stage);
        }

        return int.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var version) && version > 0
            ? OfVersion(name, version)
            : throw Malformed(text);
    }

    /// <summary>Writes the address.</summary>
    /// <returns>The address, which <see cref="Parse"/> reads back.</returns>
    public override string ToString() => (Alias, Stage) switch
    {
        (Latest, _) => $"{Scheme}{Name}/{Latest}",
        (not null, _) => $"{Scheme}{Name}@{Alias}",
        (_, not null) => $"{Scheme}{Name}/{Stage}",
        _ => string.Create(CultureInfo.InvariantCulture, $"{Scheme}{Name}/{Version}"),
    };

    /// <summary>Checks the name of a registered model.</summary>
    /// <param name="name">The name: 1 to 256 characters, not only spaces, not <c>.</c> or <c>..</c>, without <c>/</c>, <c>:</c>, <c>@</c>, control characters and halves of surrogate pairs.</param>
    /// <returns>The name.</returns>
    /// <exception cref="FormatException">The name is not allowed.</exception>
    public static string CheckName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (string.IsNullOrWhiteSpace(name) || name.Length > 256 || name is "." or ".." || name.AsSpan().ContainsAny("/:@") || name.Any(char.IsControl) || SearchTexts.IndexOfForbidden(name) >= 0)
            throw new FormatException($"'{name}' cannot be the name of a model: use 1 to 256 characters, not only spaces or dots, without '/', ':', '@', control characters and halves of surrogate pairs.");
        return name;
    }

    /// <summary>Checks an alias.</summary>
    /// <param name="alias">The alias: 1 to 255 letters, digits, <c>_</c> and <c>-</c>, not of the form <c>v7</c> and no other spelling of <see cref="Latest"/>.</param>
    /// <returns>The alias.</returns>
    /// <exception cref="FormatException">The alias is not allowed.</exception>
    public static string CheckAlias(string alias)
    {
        ArgumentNullException.ThrowIfNull(alias);
        var looksLikeVersion = alias.Length > 1 && alias[0] is 'v' or 'V' && alias.AsSpan(1).IndexOfAnyExceptInRange('0', '9') < 0;
        var looksLikeLatest = alias != Latest && alias.Equals(Latest, StringComparison.OrdinalIgnoreCase);
        if (alias.Length is 0 or > 255 || looksLikeVersion || looksLikeLatest || !alias.All(c => char.IsLetterOrDigit(c) || c is '_' or '-'))
            throw new FormatException($"'{alias}' cannot be an alias: use 1 to 255 letters, digits, '_' and '-', and not the form 'v7' or another spelling of 'latest'.");
        return alias;
    }

    private static FormatException Malformed(string text)
        => new($"'{text}' is not the address of a model; write models:/name@alias, models:/name/7, models:/name/latest or models:/name/Production.");
}

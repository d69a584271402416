using System.Buffers;

namespace Mlops.Validation;

/// <summary>What a detector looks for, made ready for scanning. Immutable.</summary>
internal sealed class PiiRules
{
    private readonly bool[] _kinds = new bool[Enum.GetValues<PiiKind>().Length];

    /// <summary>Checks options.</summary>
    /// <exception cref="ArgumentException">A locale or a kind is not known, or there is no kind.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A ratio is not from 0 to 1.</exception>
    public PiiRules(PiiOptions options)
    {
        ArgumentNullException.ThrowIfNull(options.Kinds, nameof(options));
        ArgumentNullException.ThrowIfNull(options.Locales, nameof(options));
        if (!(options.MinimumRatio is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(options), $"{nameof(PiiOptions.MinimumRatio)} must be from 0 to 1.");
        if (!(options.MinimumNumberRatio is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(options), $"{nameof(PiiOptions.MinimumNumberRatio)} must be from 0 to 1.");
        if (options.Kinds.Count == 0) throw new ArgumentException($"{nameof(PiiOptions.Kinds)} is empty; name at least one kind to look for.", nameof(options));
        foreach (var kind in options.Kinds)
        {
            if (!Enum.IsDefined(kind)) throw new ArgumentException($"{(int)kind} is no {nameof(PiiKind)}; the kinds are {string.Join(", ", Enum.GetNames<PiiKind>())}.", nameof(options));
            _kinds[(int)kind] = true;
        }

        Plans = [.. options.Locales.Select(locale => PhoneRegions.Get(locale, nameof(options))).Distinct()];
        (MinimumRatio, MinimumNumberRatio) = (options.MinimumRatio, options.MinimumNumberRatio);
        var hasNumbers = Has(PiiKind.Phone) || Has(PiiKind.Iban) || Has(PiiKind.Card) || Has(PiiKind.Ip);
        var places = (hasNumbers ? "0123456789"u8.ToArray() : []).Concat(Has(PiiKind.Ip) ? ":"u8.ToArray() : []).ToArray();
        Numbers = SearchValues.Create(places);
        Anchors = SearchValues.Create([.. places, .. Has(PiiKind.Email) ? "@"u8.ToArray() : []]);
    }

    /// <summary>Gets the plans of the locales, in their order.</summary>
    public PhonePlan[] Plans { get; }

    public double MinimumRatio { get; }

    public double MinimumNumberRatio { get; }

    /// <summary>Gets the bytes at which all but e-mail addresses are looked for.</summary>
    public SearchValues<byte> Numbers { get; }

    /// <summary>Gets the bytes of which a text must have one to hold anything.</summary>
    public SearchValues<byte> Anchors { get; }

    public bool Has(PiiKind kind) => _kinds[(int)kind];
}

namespace Mlops.Validation;

/// <summary>What personal data to look for.</summary>
public sealed class PiiOptions
{
    /// <summary>Gets the kinds to look for.</summary>
    /// <value>The default value is all kinds.</value>
    public IReadOnlyCollection<PiiKind> Kinds { get; init; } = Enum.GetValues<PiiKind>();

    /// <summary>Gets the regions whose national telephone formats are known to the data, as ISO 3166 codes (<see cref="PhoneRegions"/>).</summary>
    /// <remarks>
    /// Numbers with <c>+</c> and a calling code are found whatever the regions are. Where one number could belong to several, the first region counts.
    /// </remarks>
    /// <value>The default value is none: only international numbers are found.</value>
    public IReadOnlyList<string> Locales { get; init; } = [];

    /// <summary>Gets the least share of a text column's values that must hold a kind for it to be reported, from 0 to 1.</summary>
    /// <remarks>Masking does not look at it: every value found is masked.</remarks>
    /// <value>The default value is 0: a single value is reported.</value>
    public double MinimumRatio { get; init; }

    /// <summary>Gets the least share of a number column's values that must look like cards or telephone numbers for it to be reported, from 0 to 1.</summary>
    /// <remarks>
    /// A number has no spaces or signs to tell it by, so one alone says little: about 2 % of numbers with 16 digits pass for cards by chance. Where the name of the column
    /// says what it is (<c>phone</c>, <c>card_number</c>), <see cref="MinimumRatio"/> counts instead.
    /// </remarks>
    /// <value>The default value is 0.9.</value>
    public double MinimumNumberRatio { get; init; } = 0.9;
}

using System.Text.Json.Serialization;
using Mlops.Validation;

namespace Mlops.Evaluation;

/// <summary>What one validator says of a candidate.</summary>
/// <param name="Validator">The name of the validator.</param>
/// <param name="Verdict">What it comes to.</param>
/// <param name="Reason">Why, with the most important figures; never a value of the data.</param>
public sealed record ModelCheck(string Validator, ValidationVerdict Verdict, string Reason)
{
    /// <summary>Gets the figures that were looked at, for tables; those of all rows first.</summary>
    /// <value>The default value is empty.</value>
    public IReadOnlyList<ModelCheckFigure> Figures
    {
        get;

        // Generated JSON readers set what a document leaves out to null.
        init => field = value ?? [];
    } = [];

    /// <summary>Gets whether nothing was judged, since there was nothing to judge, and that is no obstacle: no champion yet, a need of an optional validator.</summary>
    /// <value>The default value is <see langword="false"/>.</value>
    public bool IsSkipped { get; init; }

    /// <summary>Gets the digest of the saved model that the validator loaded (<see cref="Models.ModelDirectory.Digest"/>); <see langword="null"/> where it loaded none.</summary>
    /// <value>The default value is <see langword="null"/>.</value>
    public string? PackageDigest { get; init; }

    /// <summary>Gets the full name of the type of the error by which the validator itself failed; <see langword="null"/> where it judged.</summary>
    /// <value>The default value is <see langword="null"/>.</value>
    public string? ErrorType { get; init; }

    /// <summary>Gets the error by which the validator itself failed, for logs; not part of the JSON.</summary>
    /// <value>The default value is <see langword="null"/>.</value>
    [JsonIgnore]
    public Exception? Exception { get; init; }

    /// <summary>Makes what a validator says that passes since it had nothing to judge.</summary>
    /// <param name="validator">The name of the validator.</param>
    /// <param name="reason">Why there was nothing to judge.</param>
    /// <returns>The check.</returns>
    public static ModelCheck Skipped(string validator, string reason) => new(validator, ValidationVerdict.Pass, reason) { IsSkipped = true };

    /// <summary>Makes what a validator says that lacks what it needs: a failure, unless it is optional.</summary>
    /// <param name="validator">The name of the validator.</param>
    /// <param name="isOptional">Whether the validator may do without.</param>
    /// <param name="need">What is missing, and how to give it.</param>
    /// <returns>The check.</returns>
    internal static ModelCheck Unmet(string validator, bool isOptional, string need)
        => isOptional ? Skipped(validator, $"not judged: {need}") : new ModelCheck(validator, ValidationVerdict.Fail, $"cannot be judged: {need}");

    /// <summary>Makes what a validator says of figures: the worst of them.</summary>
    internal static ModelCheck Of(string validator, IReadOnlyList<ModelCheckFigure> figures, string reason)
        => new(validator, figures.Count == 0 ? ValidationVerdict.Pass : figures.Max(figure => figure.Verdict), reason) { Figures = figures };
}

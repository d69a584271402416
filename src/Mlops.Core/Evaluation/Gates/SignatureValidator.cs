using Mlops.Models;
using Mlops.Validation;

namespace Mlops.Evaluation;

/// <summary>Lets a candidate pass only when those who call the champion, or a given signature, can call it unchanged.</summary>
/// <remarks>
/// Inputs and outputs must have the same names, slots, element types, shapes, columns and classes; every difference is told, not only the first one.
/// A host refuses to swap in a model of which this is not true. Without a champion and an expected signature the validator passes.
/// </remarks>
public sealed class SignatureValidator : IModelValidator
{
    /// <inheritdoc/>
    /// <value>The default value is <c>signature</c>.</value>
    public string Name { get; init => field = GateName.Of(value); } = "signature";

    /// <summary>Gets the signature that callers rely on.</summary>
    /// <value>The default value is <see langword="null"/>: that of the champion (<see cref="ModelValidationContext.ChampionSignature"/>).</value>
    public ModelSignature? Expected { get; init; }

    /// <summary>Gets whether the candidate may do without some of the inputs, or without some of the columns that feed one: for callers that bind by name.</summary>
    /// <value>The default value is <see langword="false"/>, since callers that fill slots, and a host that swaps models, need the same inputs.</value>
    public bool AllowFewerInputs { get; init; }

    /// <summary>Gets whether the validator passes without judging when its needs are not met.</summary>
    /// <value>The default value is <see langword="false"/>: it fails then.</value>
    public bool IsOptional { get; init; }

    /// <inheritdoc/>
    public ValueTask<ModelCheck> ValidateAsync(ModelValidationContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        return ValueTask.FromResult(Judge(context));
    }

    private ModelCheck Judge(ModelValidationContext context)
    {
        if (context.Signature is not { } actual)
            return ModelCheck.Unmet(Name, IsOptional, $"the candidate's signature is missing; give {nameof(ModelValidationContext)}.{nameof(ModelValidationContext.Predictor)} or {nameof(ModelValidationContext.Signature)}");
        if ((Expected ?? context.ChampionSignature) is not { } expected)
        {
            return context.Champion is null
                ? ModelCheck.Skipped(Name, "there is no champion yet whose callers could break")
                : ModelCheck.Unmet(Name, IsOptional, $"the champion's signature is missing; give it in {nameof(ModelValidationContext)}.{nameof(ModelValidationContext.ChampionSignature)}");
        }

        var other = Expected is null ? "the champion's" : "the one expected";
        var differences = SignatureDifferences.Find(expected, actual, AllowFewerInputs);
        var figures = differences.Select(difference => new ModelCheckFigure(difference.Where, ValidationVerdict.Fail) { Note = difference.What }).ToArray();
        return ModelCheck.Of(Name, figures, figures.Length == 0
            ? $"the signature is compatible with {other}"
            : $"the signature is not compatible with {other}: {string.Join("; ", differences.Select(difference => $"{difference.Where} {difference.What}"))}");
    }
}

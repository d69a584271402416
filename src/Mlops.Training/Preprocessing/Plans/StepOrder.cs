namespace Mlops.Training;

/// <summary>Checks that each step of a rule can take what the one before it gives, as far as that is known without the data.</summary>
internal static class StepOrder
{
    private const string Numbers = "numbers";
    private const string Texts = "texts";
    private const string Dates = "dates";
    private const string Features = "features";

    /// <param name="columns">The columns that are meant by name.</param>
    /// <param name="kind">The kind of the columns; <see langword="null"/> where they are meant by name.</param>
    /// <param name="steps">The steps.</param>
    /// <exception cref="ArgumentException">A step takes something else than it is given, or the last one leaves a text or a date.</exception>
    public static void Check(IReadOnlyList<string> columns, ColumnKind? kind, IReadOnlyList<PreprocessingStep> steps)
    {
        var rule = kind is null ? $"The rule for {string.Join(", ", columns.Take(10).Select(column => $"'{column}'"))}{(columns.Count > 10 ? ", …" : "")}" : $"The rule for columns of the kind {kind}";
        var given = kind switch
        {
            ColumnKind.Number => Numbers,
            ColumnKind.Text => Texts,
            ColumnKind.Date or ColumnKind.Timestamp => Dates,
            _ => null,
        };
        for (var i = 0; i < steps.Count; i++)
        {
            var (takes, gives) = Of(steps[i]);
            if (given is not null && given != takes) throw new ArgumentException($"{rule}: {Describe(given, takes, i == 0 ? null : steps[i - 1], steps[i])}", nameof(steps));
            given = gives;
        }

        if (given is Texts or Dates)
            throw new ArgumentException($"{rule}: a {(given == Texts ? "text" : "date")} is still one after the last step. End the rule with a step that makes features of it, such as {(given == Texts ? nameof(OneHotStep) : nameof(DatePartsStep))}.", nameof(steps));
    }

    private static string Describe(string given, string takes, PreprocessingStep? before, PreprocessingStep step)
    {
        if (given == Features) return $"nothing can follow the step '{before}', which makes features; '{step}' does. Take it out, or put it before.";
        var remedy = (given, takes) switch
        {
            (Numbers, Texts) when before is null => " To encode numbers as categories, cast the column to text first.",
            (Texts, Numbers) => $" Put a step between that makes numbers of texts, such as {nameof(OrdinalStep)} or {nameof(TargetEncodeStep)}.",
            _ => " Take it out, or give it to other columns.",
        };
        return $"the step '{step}' takes {takes}; {(before is null ? "the columns of the rule hold" : $"the step '{before}' before it gives")} {given}.{remedy}";
    }

    private static (string Takes, string Gives) Of(PreprocessingStep step) => step switch
    {
        ImputeTextStep => (Texts, Texts),
        OrdinalStep or TargetEncodeStep => (Texts, Numbers),
        OneHotStep or HashStep or BagOfWordsStep => (Texts, Features),
        DatePartsStep => (Dates, Features),
        _ => (Numbers, Numbers),
    };
}

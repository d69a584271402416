using Mlops.Data;
using Mlops.Evaluation;

namespace Mlops.Validation;

/// <summary>What a check of a model needs, and what keeps it from looking.</summary>
internal static class ModelObstacles
{
    /// <summary>Finds what is absent.</summary>
    /// <param name="subject">What is to be checked.</param>
    /// <param name="needs">What the check needs beside a model.</param>
    /// <returns>The first obstacle; <see langword="null"/> for none.</returns>
    public static string? Find(ValidationSubject subject, ModelNeeds needs)
    {
        ArgumentNullException.ThrowIfNull(subject);
        if (subject.Predictor is not { } predictor) return "There is no model.";
        if (OutcomeSource.Find(predictor.Signature.Outputs, subject.Output, subject.Classes, out var source) is { } obstacle) return obstacle;
        if (needs.HasFlag(ModelNeeds.TestSet) && subject.Test is null) return "There is no test set.";
        if (needs.HasFlag(ModelNeeds.Label))
        {
            // First of all: a label of text tells that a model without named classes is no regression.
            if (FindLabelObstacle(JudgedSet(subject).Schema, subject, source!) is { } judged) return judged;
            if (needs.HasFlag(ModelNeeds.TestSet) && FindLabelObstacle(subject.Train.Schema, subject, source!) is { } learned) return learned;
        }

        var isClassification = source!.Classes.Count > 0;
        if (needs.HasFlag(ModelNeeds.Classes) && !isClassification) return $"The model predicts numbers: its output {source.Output} names no classes.";
        return needs.HasFlag(ModelNeeds.Numbers) && isClassification ? "The model tells classes apart; it predicts no numbers." : null;
    }

    /// <summary>Gets the dataset by which a model is judged: the test set, or the only one.</summary>
    public static DatasetPart JudgedPart(this ValidationSubject subject) => subject.Test is null ? DatasetPart.Train : DatasetPart.Test;

    /// <summary>Gets the dataset by which a model is judged: the test set, or the only one.</summary>
    public static IDataset JudgedSet(this ValidationSubject subject) => subject.Test ?? subject.Train;

    private static string? FindLabelObstacle(DataSchema schema, ValidationSubject subject, OutcomeSource source)
    {
        var labels = schema.Where(column => column.Role == ColumnRole.Label).ToArray();
        if (labels.Length == 0) return "There is no label: no column has the role Label.";
        if (labels.Length > 1) return $"Columns '{labels[0].Name}' and '{labels[1].Name}' both have the role Label; a model is judged by one.";
        var label = labels[0];
        if (label.Width != 1) return $"The label '{label.Name}' has {label.Width} elements in each row; one can be judged.";
        var weights = schema.Where(column => column.Role == ColumnRole.Weight).ToArray();
        if (weights.Length > 1) return $"Columns '{weights[0].Name}' and '{weights[1].Name}' both have the role Weight; a row has one.";
        if (weights is [{ Type: ElementType.String } or { Width: > 1 }]) return $"The weight '{weights[0].Name}' is no number in each row.";
        if (source.Classes.Count > 0) return null;
        return label.Type is ElementType.String or ElementType.Boolean || subject.LabelKind == LabelKind.Class
            ? $"The label '{label.Name}' names classes, and the model does not name those of its output {source.Output}; name them in the signature or in {nameof(ValidationSubject)}.{nameof(ValidationSubject.Classes)}."
            : null;
    }
}

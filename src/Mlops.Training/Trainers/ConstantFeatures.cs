using Mlops.Data;
using Mlops.Models;

namespace Mlops.Training;

/// <summary>Makes a preprocessing of one feature that is 0 whatever the inputs hold, for models that do not look at them.</summary>
internal static class ConstantFeatures
{
    /// <summary>Takes the inputs that a model of the features would take: the numbers as one, texts and dates by their names.</summary>
    public static FittedPreprocessor Create(IDataset dataset)
    {
        var columns = dataset.Schema.Where(column => column.Width == 1 && (column.Role == ColumnRole.Feature || (column.Role == ColumnRole.Time && column.Type == ElementType.Date))).ToArray();
        var numbers = columns.Where(column => column.Type.IsNumeric()).Select(column => column.Name).ToArray();
        var others = columns.Where(column => column.Type is ElementType.String or ElementType.Date).ToArray();
        if (numbers.Length + others.Length == 0)
            throw new EntityNotFoundException("column", nameof(ColumnRole.Feature), $"{dataset.Name} has no column that can be a feature: give the role Feature to a numeric, boolean or text column.");
        var names = new TensorNames(others.Select(column => column.Name));
        var inputs = new List<TensorSpec>();
        if (numbers.Length > 0) inputs.Add(TensorSpec.Of<double>(names.Take(FittedPreprocessor.NumericInputName), numbers.Length, numbers));
        foreach (var column in others) inputs.Add(column.Type == ElementType.String ? TensorSpec.Of<string>(column.Name, 1, column.Name) : TensorSpec.Of<long>(column.Name, 1, column.Name));
        return new FittedPreprocessor(inputs, [new GraphNode(new ConstantOperator([0]), [inputs[0].Name], [names.Take("features")])], ["(none)"]);
    }
}

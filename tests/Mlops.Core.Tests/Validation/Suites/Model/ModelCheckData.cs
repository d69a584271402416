using System.Text.Json;
using Mlops.Core.Tests.Models;
using Mlops.Data;
using Mlops.Models;
using Mlops.Validation;

namespace Mlops.Core.Tests.Validation;

/// <summary>Datasets whose columns hold what a model gives, and models that give it, so that every figure is known.</summary>
internal static class ModelCheckData
{
    private static readonly Lazy<JsonElement> s_golden = new(() => JsonDocument.Parse(File.ReadAllBytes(TestFiles.PathOf("tests", "TestData", "suites", "model", "model_checks.json"))).RootElement);

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Figures of scikit-learn, SciPy and NumPy.</summary>
    public static JsonElement Golden(string section) => s_golden.Value.GetProperty(section);

    public static double Number(this JsonElement element, params string[] path) => path.Aggregate(element, (at, name) => at.GetProperty(name)).GetDouble();

    public static double[] Numbers(this JsonElement element, params string[] path) => [.. path.Aggregate(element, (at, name) => at.GetProperty(name)).EnumerateArray().Select(number => number.GetDouble())];

    /// <summary>One column of a matrix.</summary>
    public static double[] Column(this JsonElement element, string matrix, int column) => [.. element.GetProperty(matrix).EnumerateArray().Select(row => row[column].GetDouble())];

    /// <summary>Rows with predictions <c>p0</c>, <c>p1</c>…, a label <c>y</c> and other columns. NaN is a missing value.</summary>
    public static IDataset Rows(double[][] predictions, double[]? labels, params (ColumnSchema Schema, Column Values)[] others)
    {
        var columns = predictions.Select((values, i) => Numeric($"p{i}", values, ColumnRole.Prediction)).ToList();
        if (labels is not null) columns.Add(Numeric("y", labels, ColumnRole.Label));
        columns.AddRange(others);
        // Small batches, so that everything is put together of several.
        return InMemoryDataset.FromColumns("rows", columns).Rebatch(64);
    }

    public static (ColumnSchema Schema, Column Values) Numeric(string name, double[] values, ColumnRole role = ColumnRole.Feature)
    {
        var validity = new ulong[(values.Length + 63) / 64];
        for (var i = 0; i < values.Length; i++)
        {
            if (!double.IsNaN(values[i]) || role == ColumnRole.Prediction) validity[i / 64] |= 1UL << i;
        }

        return (new ColumnSchema(name, ElementType.Float64, role), new Column<double>((double[])values.Clone(), validity));
    }

    public static (ColumnSchema Schema, Column Values) Weight(double[] values) => Numeric("w", values, ColumnRole.Weight);

    public static (ColumnSchema Schema, Column Values) Text(string name, string?[] values, ColumnRole role = ColumnRole.Feature)
        => (new ColumnSchema(name, ElementType.String, role), TextColumn.FromStrings(values));

    /// <summary>A model of two classes 0 and 1 that gives the probability of 1 in the column <c>p0</c>.</summary>
    public static IPredictor Binary(params string[] classes)
    {
        string[] names = classes.Length == 0 ? ["0", "1"] : classes;
        var signature = new ModelSignature([TensorSpec.Of<double>("x", 1, "p0")], [TensorSpec.Of<double>("probabilities", 2) with { Classes = names }]);
        return new DelegatePredictor(signature, (inputs, outputs) =>
        {
            for (var row = 0; row < inputs.Rows; row++) outputs.Get<double>(0).WriteRow(row, [1 - inputs.Get<double>(0).Span[row], inputs.Get<double>(0).Span[row]]);
        });
    }

    /// <summary>A model that gives the columns <c>p0</c>, <c>p1</c>… as they are: probabilities of named classes, or one number.</summary>
    public static IPredictor Echo(int width, params string[] classes)
    {
        var signature = new ModelSignature(
            [TensorSpec.Of<double>("x", width, [.. Enumerable.Range(0, width).Select(i => $"p{i}")])], [TensorSpec.Of<double>("output", width) with { Classes = classes }]);
        return new DelegatePredictor(signature, (inputs, outputs) => inputs.Get<double>(0).Span.CopyTo(outputs.Get<double>(0).Span));
    }

    public static IPredictor Regression() => Echo(1);

    /// <summary>Both parts of a section of the golden figures, with one column of predictions.</summary>
    public static ValidationSubject Subject(string section, bool isWeighted, IPredictor predictor) => new(Part(section, "train", isWeighted)) { Test = Part(section, "test", isWeighted), Predictor = predictor };

    public static async Task<CheckResult> RunAsync(IValidationCheck check, ValidationSubject subject) => (await new ValidationSuite("one", check).RunAsync(subject, Token))[check.Name];

    private static IDataset Part(string section, string part, bool isWeighted)
    {
        var data = Golden(section).GetProperty(part);
        return Rows([data.Numbers("p")], data.Numbers("y"), isWeighted ? [Weight(data.Numbers("w"))] : []);
    }
}

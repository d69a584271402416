using System.Globalization;
using Mlops.Core.Tests.Models;
using Mlops.Data;
using Mlops.Evaluation;
using Mlops.Models;

namespace Mlops.Core.Tests.Evaluation;

/// <summary>A model that multiplies, saved as a file with its factor, and everything that its gates need.</summary>
internal sealed class PackageData : IDisposable
{
    public const int Rows = 200;
    private readonly TestDirectory _directory = new();

    public static ModelSignature Signature { get; } = new([TensorSpec.Of<double>("x")], [TensorSpec.Of<double>("y")]);

    public static IDataset Dataset { get; } = InMemoryDataset.FromColumns(
        "rows",
        (new ColumnSchema("x", ElementType.Float64), new Column<double>([.. Enumerable.Range(0, Rows).Select(row => row / 10.0)])),
        (new ColumnSchema("label", ElementType.Float64, ColumnRole.Label), new Column<double>([.. Enumerable.Range(0, Rows).Select(row => row / 5.0)])));

    public string Path => System.IO.Path.Combine(_directory.Path, "model");

    /// <summary>Saves a model.</summary>
    public async Task<ModelDirectory> SaveAsync(FactorModel model, double? golden = null)
    {
        await using var predictor = new FactorModel(golden ?? model.Factor) { ModelSignature = model.Signature }.CreatePredictor();
        using var inputs = predictor.Signature.RentInputs(8);
        for (var row = 0; row < 8; row++) inputs.Get<double>(0).Span[row] = row;
        return await ModelDirectory.SaveAsync(Path, model, new ModelSaveOptions { GoldenRows = await GoldenRows.CaptureAsync(predictor, inputs, GateData.Token) }, GateData.Token);
    }

    /// <summary>Judges a model, and gives the gates what is saved.</summary>
    public async Task<ModelValidationContext> ContextAsync(FactorModel judged) => new(await EvaluationData.CreateAsync(judged.CreatePredictor(), Dataset, GateData.Token))
    {
        Predictor = judged.CreatePredictor(),
        Rows = Dataset,
        Package = new CandidatePackage(Path, [new FactorFlavor()]),
    };

    public void Dispose() => _directory.Dispose();
}

/// <summary>y = factor · x.</summary>
internal sealed class FactorModel(double factor) : IModel
{
    public double Factor => factor;

    public ModelSignature ModelSignature { get; init; } = PackageData.Signature;

    public ModelSignature Signature => ModelSignature;

    /// <summary>Memory that the model keeps, in bytes.</summary>
    public byte[]? Ballast { get; init; }

    public IPredictor CreatePredictor() => new DelegatePredictor(Signature, (inputs, outputs) =>
    {
        for (var row = 0; row < inputs.Rows; row++) outputs.Get<double>(0).Span[row] = factor * inputs.Get<double>(0).Span[row];
    });

    public async Task SaveAsync(IModelWriter target, CancellationToken cancellationToken = default)
    {
        await target.WriteFileAsync("factor.txt", System.Text.Encoding.UTF8.GetBytes(factor.ToString("R", CultureInfo.InvariantCulture)), cancellationToken);
        target.AddFlavor("factor", new Dictionary<string, object?> { ["data"] = "factor.txt" });
    }
}

/// <summary>Loads models that multiply.</summary>
internal sealed class FactorFlavor : IModelFlavor
{
    public string Name => "factor";

    /// <summary>The signature that loaded models have, whatever the directory says.</summary>
    public ModelSignature? Other { get; init; }

    /// <summary>Memory that a loaded model keeps, in bytes.</summary>
    public int Ballast { get; init; }

    public async Task<IModel> LoadAsync(ModelDirectory source, CancellationToken cancellationToken = default)
    {
        var text = System.Text.Encoding.UTF8.GetString(await source.ReadFileAsync("factor.txt", cancellationToken));
        var ballast = new byte[Ballast];
        Array.Fill(ballast, (byte)1); // Untouched pages would not count.
        return new FactorModel(double.Parse(text, CultureInfo.InvariantCulture)) { ModelSignature = Other ?? source.Signature!, Ballast = ballast };
    }
}

using System.Text.Json;
using Mlops.Data;

namespace Mlops.Training.Tests;

/// <summary>Data that tests train on.</summary>
internal static class TestData
{
    private static readonly string s_root = FindRoot();

    public static async Task<IDataset> ChicagoAsync()
        => (await CsvDataset.OpenAsync(Path.Combine(s_root, "samples", "data", "chicago.csv")))
            .WithRole("ridership", ColumnRole.Label)
            .WithRole("date", ColumnRole.Time);

    public static async Task<IDataset> OpenAsync(string file, string label)
        => (await CsvDataset.OpenAsync(Path.Combine(s_root, "tests", "TestData", file))).WithRole(label, ColumnRole.Label);

    public static JsonElement Expected(string model)
        => JsonDocument.Parse(File.ReadAllBytes(Path.Combine(s_root, "tests", "TestData", "linear_models.json"))).RootElement.GetProperty(model);

    /// <summary>What scikit-learn gives, by the file that holds it.</summary>
    public static JsonElement Golden(string file)
        => JsonDocument.Parse(File.ReadAllBytes(Path.Combine(s_root, "tests", "TestData", "training", file))).RootElement;

    /// <summary>What scikit-learn's pipelines have learned from the files.</summary>
    public static JsonElement Coefficients { get; } = Golden("coefficients.json");

    public static string PathOf(params string[] parts) => Path.Combine([s_root, .. parts]);

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory!.FullName, "Mlops.sln"))) directory = directory.Parent;
        return directory.FullName;
    }
}

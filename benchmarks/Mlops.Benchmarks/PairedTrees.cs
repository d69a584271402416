using System.Globalization;

namespace Mlops.Benchmarks;

/// <summary>What do ensembles of trees cost, by ONNX Runtime and by the managed evaluator, when nothing may change between the two? <c>paired-trees [rounds]</c>.</summary>
/// <remarks>The same calls as those of <see cref="TreeEnsembleBenchmarks"/>, which times each for some seconds, one after the other.</remarks>
internal static class PairedTrees
{
    public const string Command = "paired-trees";

    /// <summary>How many rows a block of calls predicts, whatever its batches.</summary>
    private const int RowsOfBlock = 1_280;

    private static readonly int[] s_rows = [1, 8, 32, 128];

    public static void Run(string[] arguments)
    {
        var rounds = arguments is [var count] ? int.Parse(count, CultureInfo.InvariantCulture) : 200;
        foreach (var ensemble in Enum.GetValues<TreeEnsembleBenchmarks.Kind>())
        {
            foreach (var rows in s_rows) Compare(ensemble, rows, rounds);
        }
    }

    private static void Compare(TreeEnsembleBenchmarks.Kind ensemble, int rows, int rounds)
    {
        var trees = new TreeEnsembleBenchmarks { Ensemble = ensemble, Rows = rows };
        trees.Setup();
        new PairedComparison(string.Create(CultureInfo.InvariantCulture, $"{ensemble}, batches of {rows}"), RowsOfBlock / rows)
            .Add("ONNX Runtime", trees.OnnxRuntime)
            .Add("ONNX Runtime, all processors", trees.OnnxRuntimeParallel)
            .Add("managed", trees.Managed, "ONNX Runtime", "ONNX Runtime, all processors")
            .Run(rounds);
    }
}

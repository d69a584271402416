using System.Globalization;

namespace Mlops.Benchmarks;

/// <summary>What do a single prediction and the decorators of a host cost, when nothing may change between what is compared? <c>paired [rounds]</c>.</summary>
/// <remarks>The same calls as those of <see cref="SinglePredictionBenchmarks"/> and <see cref="DecoratorBenchmarks"/>, which time each for some seconds, one after the other.</remarks>
internal static class PairedCalls
{
    public const string Command = "paired";

    private const int PredictionCalls = 100;
    private const int DecoratedCalls = 5_000;

    public static void Run(string[] arguments)
    {
        var rounds = arguments is [var count] ? int.Parse(count, CultureInfo.InvariantCulture) : 4_000;
        foreach (var kind in Enum.GetValues<SinglePredictionBenchmarks.Kind>()) ComparePredictions(kind, rounds);
        CompareDecorators(rounds);
    }

    private static void ComparePredictions(SinglePredictionBenchmarks.Kind kind, int rounds)
    {
        const string made = "C API, values made for each call";
        const string kept = "C API, values kept";
        var predictions = new SinglePredictionBenchmarks { Model = kind };
        predictions.Setup();
        new PairedComparison($"One row of 10 numbers, {kind}", PredictionCalls)
            .Add(made, predictions.RawValuesMade)
            .Add(kept, predictions.RawValuesKept, made)
            .Add("tensors", predictions.Tensors, made, kept)
            .Add("typed", predictions.Typed, made, kept)
            .Run(rounds);
    }

    private static void CompareDecorators(int rounds)
    {
        var decorators = new DecoratorBenchmarks();
        decorators.Setup();
        new PairedComparison("Decorators", DecoratedCalls)
            .Add("bare", decorators.Bare)
            .Add("passed through once", decorators.PassThroughOnce, "bare")
            .Add("leased, unwatched", decorators.LeasedUnwatched, "bare")
            .Add("leased", decorators.Leased, "leased, unwatched")
            .Add("hosted, unwatched", decorators.HostedUnwatched, "leased, unwatched")
            .Add("hosted", decorators.Hosted, "hosted, unwatched")
            .Add("batching, nobody else", decorators.Batching, "bare")
            .Run(rounds);
    }
}

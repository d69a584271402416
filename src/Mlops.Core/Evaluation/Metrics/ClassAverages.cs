namespace Mlops.Evaluation;

/// <summary>The averages over classes that two and more classes have.</summary>
internal static class ClassAverages
{
    public static readonly (string Name, Func<ConfusionMatrix, MetricValue> Compute)[] All =
    [
        .. from averaging in Enum.GetValues<Averaging>()
           from figure in new (string Name, Func<ConfusionMatrix, Averaging, MetricValue> Compute)[]
           {
               ("precision", (matrix, kind) => matrix.Precision(kind)),
               ("recall", (matrix, kind) => matrix.Recall(kind)),
               ("f1", (matrix, kind) => matrix.F1(kind)),
               ("jaccard", (matrix, kind) => matrix.Jaccard(kind)),
           }
           select ($"{figure.Name}_{Text(averaging)}", (Func<ConfusionMatrix, MetricValue>)(matrix => figure.Compute(matrix, averaging))),
    ];

    private static string Text(Averaging averaging) => averaging switch { Averaging.Macro => "macro", Averaging.Micro => "micro", _ => "weighted" };
}

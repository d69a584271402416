using Mlops.Data;

namespace Mlops.Training.Tests;

internal static class Features
{
    /// <summary>The features of a dataset, row by row.</summary>
    public static async Task<float[]> ReadAsync(this FittedPreprocessor preprocessor, IDataset data, int batchRows = 4096, bool isTrainingData = false)
    {
        var rows = new List<float>();
        await foreach (var batch in preprocessor.Transform(data, isTrainingData).ReadAsync(new ReadOptions { BatchRows = batchRows }, TestContext.Current.CancellationToken))
        {
            for (var row = 0; row < batch.RowCount; row++)
            {
                for (var i = 0; i < preprocessor.FeatureNames.Count; i++) rows.Add(((Column<float>)batch[i]).Values[row]);
            }
        }

        return [.. rows];
    }
}

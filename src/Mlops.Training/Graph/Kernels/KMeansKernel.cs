using Mlops.Models;

namespace Mlops.Training;

internal sealed class KMeansKernel(KMeansOperator step) : GraphKernel
{
    public override void Run(GraphWorkspace workspace, GraphStep graphStep)
    {
        var source = workspace.Get<float>(graphStep.Inputs[0]);
        var clusters = workspace.Get<long>(graphStep.Outputs[0]);
        var distances = workspace.Get<float>(graphStep.Outputs[1]);
        var width = graphStep.Inputs[0].Width;
        for (var row = 0; row < workspace.Rows; row++)
        {
            var features = source.Slice(row * width, width);
            var (nearest, smallest) = (0, double.PositiveInfinity);
            for (var i = 0; i < step.Centroids.Length; i++)
            {
                var square = SquaredDistance(step.Centroids[i], features);
                var distance = (float)Math.Sqrt(square);
                if (!float.IsFinite(distance)) throw NoFiniteAnswer.In(row, features, step.FeatureNames);
                distances[(row * step.Centroids.Length) + i] = distance;
                if (square < smallest) (nearest, smallest) = (i, square);
            }

            clusters[row] = nearest;
        }
    }

    private static double SquaredDistance(double[] centroid, ReadOnlySpan<float> features)
    {
        double sum = 0;
        for (var i = 0; i < centroid.Length; i++)
        {
            var difference = features[i] - centroid[i];
            sum += difference * difference;
        }

        return sum;
    }
}

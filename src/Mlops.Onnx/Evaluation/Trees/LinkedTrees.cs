using System.Numerics;

namespace Mlops.Onnx;

/// <summary>Walks trees of every kind, node by node.</summary>
internal sealed class LinkedTrees<T>(TreeModel<T> model)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Finds the leaf of a row.</summary>
    public int Walk(int tree, ReadOnlySpan<T> row)
    {
        var node = model.Roots[tree];
        while (model.Modes[node] is var mode && mode != TreeMode.Leaf)
        {
            var value = row[model.Features[node]];
            var threshold = model.Thresholds[node];
            var isTrue = mode switch
            {
                TreeMode.LessOrEqual => value <= threshold,
                TreeMode.Less => value < threshold,
                TreeMode.GreaterOrEqual => value >= threshold,
                TreeMode.Greater => value > threshold,
                TreeMode.Equal => value == threshold,
                TreeMode.NotEqual => value != threshold,
                _ => IsMember(model.Members[node], value),
            };
            node = isTrue || (model.TracksMissing[node] && T.IsNaN(value)) ? model.TrueNodes[node] : model.FalseNodes[node];
        }

        return node;
    }

    private static bool IsMember(T[] members, T value)
    {
        if (T.IsNaN(value)) return false;
        // ONNX Runtime compares with few small numbers as they are, and with others without their fraction.
        var isSmall = members.Length < 31 && members[0] >= T.Zero && members[^1] <= T.CreateTruncating(30);
        return Array.BinarySearch(members, isSmall ? value : T.Truncate(value)) >= 0;
    }
}

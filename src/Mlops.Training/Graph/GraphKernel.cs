using Mlops.Models;

namespace Mlops.Training;

/// <summary>Evaluates one operator of a graph on all rows.</summary>
internal abstract class GraphKernel
{
    /// <summary>Gets whether it writes row by row through <see cref="GraphWorkspace.GetRows"/>, so that its output may lie inside the rows of a wider tensor.</summary>
    public virtual bool WritesRows => false;

    public static GraphKernel Create(GraphOperator step) => step switch
    {
        SelectOperator typed => new SelectKernel(typed),
        ImputeOperator typed => new ImputeKernel(typed),
        ImputeTextOperator typed => new ImputeTextKernel(typed),
        MissingIndicatorOperator => new MissingIndicatorKernel(),
        ClipOperator typed => new ClipKernel(typed),
        ScaleOperator typed => new ScaleKernel(typed),
        DayOfWeekOperator => new DayOfWeekKernel(),
        DatePartOperator typed => new DatePartKernel(typed),
        OneHotOperator typed => new OneHotKernel(typed),
        OneHotTextOperator typed => new OneHotTextKernel(typed),
        TextLookupOperator typed => new TextLookupKernel(typed),
        HashTextOperator typed => new HashTextKernel(typed),
        BagOfWordsOperator typed => new BagOfWordsKernel(typed),
        ConcatOperator => new ConcatKernel(),
        LinearRegressorOperator typed => new LinearRegressorKernel(typed),
        LinearClassifierOperator typed => new LinearClassifierKernel(typed),
        ConstantOperator typed => new ConstantKernel(typed),
        KMeansOperator typed => new KMeansKernel(typed),
        _ => throw new NotSupportedException($"There is no kernel of {step.GetType().Name}."),
    };

    public abstract void Run(GraphWorkspace workspace, GraphStep step);
}

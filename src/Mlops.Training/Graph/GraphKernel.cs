using Mlops.Models;

namespace Mlops.Training;

/// <summary>Evaluates one operator of a graph on all rows.</summary>
internal abstract class GraphKernel
{
    public static GraphKernel Create(GraphOperator step) => step switch
    {
        SelectOperator typed => new SelectKernel(typed),
        ImputeOperator typed => new ImputeKernel(typed),
        ImputeTextOperator typed => new ImputeTextKernel(typed),
        ScaleOperator typed => new ScaleKernel(typed),
        DayOfWeekOperator => new DayOfWeekKernel(),
        OneHotOperator typed => new OneHotKernel<long>(typed.Categories),
        OneHotTextOperator typed => new OneHotKernel<string>(typed.Categories),
        ConcatOperator => new ConcatKernel(),
        LinearRegressorOperator typed => new LinearRegressorKernel(typed),
        LinearClassifierOperator typed => new LinearClassifierKernel(typed),
        _ => throw new NotSupportedException($"There is no kernel of {step.GetType().Name}."),
    };

    public abstract void Run(GraphWorkspace workspace, GraphStep step);
}

//! Takes out of the WASM what can never run there but what the compiler has to keep.

use anyhow::Result;
use walrus::{FunctionBuilder, FunctionKind, Module};

/// Leptos keeps in every view a pointer to the way of hydrating it piece by piece (`hydrate_lazy`), which Latchkey does not
/// use: `hydrate_body` calls none of them, and they are a sixth of the code. Whatever has this in its name becomes a
/// trap, and what only they call is then dropped by wasm-opt.
///
/// It is the mangled name of what these functions do once they are polled, and of nothing else: what they consist of
/// otherwise (constructors, drops, closures within) is often the same code as something that is called, and the compiler
/// has then made one function of both.
const NEVER_CALLED: &str = "13hydrate_async28_$u7b$$u7b$closure$u7d$$u7d$17h";

/// The module without what is never called.
pub(crate) fn snip(compiled: &[u8]) -> Result<Vec<u8>> {
    let mut module = Module::from_buffer(compiled)?;
    let never: Vec<_> = module
        .funcs
        .iter()
        .filter(|func| func.name.as_deref().is_some_and(|name| name.contains(NEVER_CALLED)))
        .map(walrus::Function::id)
        .collect();
    for id in never {
        let FunctionKind::Local(local) = &module.funcs.get(id).kind else { continue };
        let (params, results) = module.types.params_results(local.ty());
        let (params, results, args) = (params.to_vec(), results.to_vec(), local.args.clone());
        let mut trap = FunctionBuilder::new(&mut module.types, &params, &results);
        trap.func_body().unreachable();
        module.funcs.get_mut(id).kind = FunctionKind::Local(trap.local_func(args));
    }
    Ok(module.emit_wasm())
}
